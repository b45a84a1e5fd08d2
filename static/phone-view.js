// Draws what the browser phone shows of a call: conversation, fields, stages, turns, documents.
"use strict";

window.phoneView = (() => {
  const root = document.getElementById("phone");
  const by = (id) => document.getElementById(id);
  const PARTS = [
    ["network", "on the way"], ["find", "find the call"], ["brain", "read the words"],
    ["speech", "clips"], ["engine", "decide"], ["save", "save"],
    ["clip", "until sound"],
  ];
  const STANDINGS = {
    open: ["", "open"], refused: ["warn", "not understood"], doubtful: ["warn", "to be confirmed"],
    accepted: ["calm", "accepted"], confirmed: ["good", "confirmed"], skipped: ["", "left out"],
  };
  let turns = []; // one for each document: its element, timings, what belongs to it
  let most = 1; // milliseconds of the longest turn

  function make(tag, classes = "", text = "") {
    const element = document.createElement(tag);
    if (classes) element.className = classes;
    if (text) element.textContent = text;
    return element;
  }

  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${root.dataset.icons}#${name}`);
    svg.append(use);
    return svg;
  }

  const ms = (value) => (value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${Math.round(value)} ms`);
  const money = (value) => `$${value.toFixed(4)}`;

  // The conversation

  function line(side, words, meta = "") {
    const item = make("li", side);
    const box = make("span", "words");
    box.append(make("span", "", words));
    item.append(box);
    const small = make("span", "meta", meta);
    if (meta) item.append(small);
    by("talk").append(item);
    by("talk").scrollTop = by("talk").scrollHeight;
    return item;
  }

  /** More of what is being said: a sentence may be put together from several sounds. */
  function more(item, words) {
    const part = make("span", "", words);
    item.firstElementChild.append(" ", part);
    by("talk").scrollTop = by("talk").scrollHeight;
    return part;
  }

  function event(text, symbol = "info") {
    const item = make("li", "event");
    item.append(icon(symbol), make("span", "", text));
    by("talk").append(item);
    by("talk").scrollTop = by("talk").scrollHeight;
  }

  // Stages and fields

  function stage(now, passed) {
    by("stage-now").textContent = now || "not ringing";
    by("stage-now").className = `badge ${now ? "good" : ""}`;
    const seen = new Set(passed);
    for (const box of document.querySelectorAll("#stages .stage")) {
      const name = box.dataset.stage;
      box.classList.toggle("is-current", name === now);
      box.classList.toggle("is-passed", seen.has(name) && name !== now);
      if (name === now) showStage(box);
    }
    const steps = new Set(passed.slice(1).map((name, index) => `${passed[index]}>${name}`));
    for (const move of document.querySelectorAll("#stages .move"))
      move.classList.toggle("is-passed", steps.has(`${move.dataset.from}>${move.dataset.to}`));
  }

  /** On a narrow screen the picture is wider than its card. */
  function showStage(box = document.querySelector("#stages .is-current")) {
    if (!box) return;
    const card = by("stages").parentElement;
    const place = box.getBoundingClientRect();
    const frame = card.getBoundingClientRect();
    card.scrollLeft += place.left + place.width / 2 - frame.left - frame.width / 2;
  }

  function field(told) {
    const [kind, standing] = STANDINGS[told.state] ?? ["", told.state];
    const isCorrected = told.before.length > 0 && told.value && told.before.at(-1) !== told.value;
    const item = make("li");
    item.dataset.field = told.name;
    item.dataset.state = told.state;
    item.classList.toggle("is-asked", told.is_asked);
    item.classList.toggle("is-kept", Boolean(told.value));
    const top = make("div", "top");
    top.append(make("span", "", told.label));
    const badge = make("span", `badge ${kind}`, isCorrected && kind !== "good" ? "corrected" : standing);
    if (told.state !== "open") top.append(badge);
    item.append(top, make("div", "value", told.value || "–"));
    if (isCorrected) item.append(make("s", "", told.before.at(-1)));
    if (told.heard) item.append(make("div", "heard", `from “${told.heard}”`));
    else if (told.is_asked) item.append(make("div", "heard", "being asked"));
    if (told.misses) item.append(make("div", "heard", `not understood ${told.misses === 1 ? "once" : `${told.misses} times`}`));
    return item;
  }

  function fields(list) {
    by("slots").replaceChildren(...list.map(field));
  }

  /** What an agent will ask, before it is rung. */
  function outlook(agent) {
    fields(agent.fields.map((one) => ({
      ...one, state: "open", value: "", before: [], heard: "", misses: 0, is_asked: false,
    })));
    for (const [index, item] of [...by("slots").children].entries())
      item.append(make("div", "heard", agent.fields[index].kind.replace("_", " ")));
  }

  // Call documents

  /** A document as indented, coloured lines; as it is when it cannot be read. */
  function document_(text) {
    const box = make("pre", "code");
    box.tabIndex = 0;
    const parsed = new DOMParser().parseFromString(text, "application/xml");
    if (parsed.querySelector("parsererror")) box.textContent = text;
    else element(parsed.documentElement, "", box);
    return box;
  }

  function element(node, indent, box) {
    const put = (words, kind) => box.append(kind ? make("span", kind, words) : words);
    put(`${indent}<`);
    put(node.tagName, "tag");
    for (const { name, value } of node.attributes) {
      put(" ");
      put(name, "attribute");
      put("=");
      put(`"${value}"`, "string");
    }
    const inner = [...node.children];
    const words = inner.length ? "" : node.textContent.trim();
    if (!inner.length && !words) return put("/>\n");
    put(">");
    if (words) put(words);
    else put("\n");
    for (const child of inner) element(child, `${indent}  `, box);
    put(`${words ? "" : indent}</`);
    put(node.tagName, "tag");
    return put(">\n");
  }

  // Turns

  const path = (url) => url.replace(/^https?:\/\/[^/]+/, "");

  function webhook(told) {
    const isDocument = told.document || told.status === null || told.mishap;
    if (!isDocument || told.mishap === "late") return beside(told);
    const row = { told, timings: null, clip: 0, before: 0 };
    const last = turns.at(-1);
    if (last && path(told.url).startsWith("/keep-waiting")) {
      // One turn in several rows: the words are still being read, and a filler was heard.
      last.isHeld = true;
      row.before = last.before + last.told.elapsed_ms;
      draw(last);
    }
    const item = make("li");
    const details = make("details");
    row.summary = make("summary");
    row.fall = make("span", "fall");
    row.what = make("span", "what", deed(told));
    row.took = make("span", "numeric small", ms(told.elapsed_ms));
    row.summary.append(make("span", "nr numeric", String(turns.length + 1)), row.what, row.took, row.fall);
    row.inner = make("div", "inner");
    row.parts = make("div", "parts");
    row.beside = make("ul", "beside");
    row.inner.append(row.parts, request(told));
    if (told.document) row.inner.append(document_(told.document));
    if (told.fault) row.inner.append(make("p", "", told.fault));
    row.inner.append(row.beside);
    details.append(row.summary, row.inner);
    item.append(details);
    by("turns").append(item);
    by("turns-empty").hidden = true;
    turns.push(row);
    draw(row);
    return null;
  }

  /** A webhook that brings no document: part of an utterance, a status, one that comes late. */
  function beside(told) {
    const row = turns.at(-1);
    if (!row) return;
    const late = told.mishap === "late" ? " (late, once more)" : "";
    row.beside.append(make("li", "", `${told.method} ${path(told.url)} → ${told.status ?? "no answer"}, ${ms(told.elapsed_ms)}${late}`));
  }

  /** What the caller did, by what the carrier tells of it. */
  function deed(told) {
    const { SpeechResult: words, Digits: keys } = told.form;
    const name = path(told.url).split("?")[0].slice(1);
    if (words) return words;
    if (keys) return `keys ${keys}`;
    return {
      "voice": "the call begins", "process-response": "(silence)", "keep-waiting": "after the filler",
      "voice-fallback": "the carrier's fallback", "handover-result": "back from the operator",
    }[name] ?? name;
  }

  function request(told) {
    const box = make("details");
    const more = told.attempts > 1 ? `, ${told.attempts} attempts` : "";
    box.append(make("summary", "", `${told.method} ${path(told.url)} → ${told.status ?? "no answer"}${more}`));
    const lines = Object.entries(told.form).filter(([, value]) => value !== "");
    const code = make("pre", "code", lines.map(([name, value]) => `${name}: ${value}`).join("\n"));
    code.tabIndex = 0;
    box.append(code);
    return box;
  }

  /** The record of turns that have come since; each belongs to the last document. */
  function record(told) {
    const row = turns.at(-1);
    const turn = told.turns.at(-1);
    if (row && turn) {
      row.timings = turn.timings_ms;
      row.brain = turn.brain;
    }
    told.turns.forEach((one, index) => {
      const earlier = turns.filter((each) => each.timings)[index];
      if (earlier && one.timings_ms.save) earlier.save = one.timings_ms.save;
    });
    by("cost").textContent = money(told.cost.total);
    const median = told.latency.answer_ms.p50;
    by("median").textContent = median === null ? "–" : ms(median);
    turns.forEach(draw);
    return row;
  }

  function parts(row) {
    if (row.isHeld) return { brain: row.told.elapsed_ms, clip: row.clip };
    const known = { ...row.timings };
    if (known.brain) known.brain = Math.max(0, known.brain - row.before);
    const inServer = ["find", "brain", "speech", "engine"].reduce((sum, name) => sum + (known[name] ?? 0), 0);
    const save = known.save ?? row.save ?? 0;
    return {
      ...known, save, clip: row.clip,
      network: Math.max(0, row.told.elapsed_ms - inServer - save),
    };
  }

  function draw(row) {
    const told = parts(row);
    const sum = PARTS.reduce((total, [name]) => total + Math.max(0, told[name] ?? 0), 0);
    if (sum > most) {
      most = sum;
      turns.filter((one) => one !== row).forEach(draw);
    }
    row.fall.replaceChildren();
    row.parts.replaceChildren();
    for (const [name, title] of PARTS) {
      const value = told[name] ?? 0;
      if (value < 0.05) continue;
      const bar = make("span", `fall-${name}`);
      bar.style.width = `${(value / most) * 100}%`;
      row.fall.append(bar);
      row.parts.append(make("span", "", `${title} ${value < 10 ? `${value.toFixed(1)} ms` : ms(value)}`));
    }
    if (row.brain) row.parts.append(make("span", "", `read by ${row.brain}`));
    row.took.textContent = ms(sum);
    legend();
  }

  function legend() {
    const box = by("legend");
    if (box.childElementCount) return;
    for (const [name, title] of PARTS) {
      const item = make("li");
      item.append(make("i", `fall-${name}`), make("span", "", title));
      box.append(item);
    }
    box.hidden = false;
  }

  /** How long the caller waited for the first sound of the last answer. */
  function sounded(waited) {
    const row = turns.at(-1);
    if (!row) return;
    row.clip = Math.max(0, waited - row.told.elapsed_ms);
    draw(row);
  }

  function clear() {
    turns = [];
    most = 1;
    by("talk").replaceChildren();
    by("turns").replaceChildren();
    by("turns-empty").hidden = false;
    by("cost").textContent = by("median").textContent = "–";
    by("summary").hidden = true;
    stage("", []);
  }

  function summary(told, problem) {
    const rows = [];
    if (told) {
      for (const one of told.fields) rows.push([one.label, one.value || "–"]);
      rows.push(["Turns", String(Math.max(0, told.turns.length - 1))]);
      rows.push(["Duration", `${told.duration_s} s`]);
      rows.push(["Cost", money(told.cost.total)]);
      const median = told.latency.answer_ms.p50;
      rows.push(["Median answer", median === null ? "–" : ms(median)]);
    }
    by("summary-data").replaceChildren(...rows.flatMap(([name, value]) => [make("dt", "", name), make("dd", "", value)]));
    const outcome = told?.outcome ?? "";
    const kind = { completed: "good", handed_over: "calm", failed: "bad" }[outcome] ?? "warn";
    by("summary-badge").className = outcome ? `badge ${kind}` : "";
    by("summary-badge").textContent = outcome.replace("_", " ");
    by("summary-problem").textContent = problem;
    by("summary-problem").hidden = !problem;
    by("to-record").hidden = !told;
    if (told) by("to-record").href = root.dataset.record + encodeURIComponent(told.call_id);
    by("summary").hidden = false;
  }

  return { make, icon, ms, line, more, event, stage, showStage, fields, outlook, webhook, record, sounded, clear, summary };
})();
