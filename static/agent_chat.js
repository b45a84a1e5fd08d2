// Talks to the text in the editor. The call is in `state`, which the server signs: no process of it
// has to remember anything.
"use strict";

(() => {
  const card = document.querySelector("[data-chat]");
  const field = document.querySelector("[data-editor]");
  if (!card || !field) return;
  const part = (name) => document.getElementById(`chat-${name}`);
  const talk = part("talk"), form = part("form"), words = part("words"), begin = part("begin");
  let state = "", busy = false, over = true;

  /** A line of the conversation. */
  function line(who, text, meta) {
    const item = document.createElement("li");
    item.className = who;
    if (who === "event") {
      item.textContent = text;
    } else {
      const said = document.createElement("span");
      said.className = "words";
      said.textContent = text;
      item.append(said);
      if (meta) {
        const below = document.createElement("span");
        below.className = "meta";
        below.textContent = meta;
        item.append(below);
      }
    }
    talk.append(item);
    while (talk.children.length > 200) talk.firstChild.remove();
    talk.scrollTop = talk.scrollHeight;
  }

  function show(told, move) {
    state = told.state;
    over = told.is_over;
    const text = told.said.map((one) => one.text).join(" ");
    if (text) line("agent", text, `${told.language} · ${told.ms} ms`);
    part("stage").hidden = false;
    part("stage").textContent = told.outcome?.replaceAll("_", " ") ?? told.stage;
    part("operator").hidden = !told.hands_over;
    form.hidden = over || Boolean(told.hands_over);
    if (told.hands_over) line("event", `It hands over to ${told.hands_over}.`);
    if (over) line("event", `The call is over: ${told.outcome?.replaceAll("_", " ") ?? "ended"}.`);
    const list = part("fields");
    list.hidden = false;
    list.replaceChildren(
      ...told.fields.flatMap((one) => {
        const name = document.createElement("dt");
        name.textContent = one.name;
        const value = document.createElement("dd");
        if (one.value) {
          const badge = document.createElement("span");
          badge.className = `badge ${one.standing === "confirmed" ? "good" : one.standing === "doubtful" ? "warn" : "calm"}`;
          badge.textContent = one.standing;
          value.append(`${one.value} `, badge);
          if (one.heard) value.title = `Heard: ${one.heard}`;
        } else {
          value.className = "faint";
          value.textContent = one.is_asked ? "asked now" : one.standing;
        }
        return [name, value];
      }),
    );
    begin.querySelector("span").textContent = "Begin again";
    if (!form.hidden && move !== "begin") words.focus();
  }

  async function send(move, spoken = "") {
    if (busy) return;
    busy = true;
    card.setAttribute("aria-busy", "true");
    const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
    const body = { text: field.value, state: move === "begin" ? "" : state, move, words: spoken };
    try {
      const answer = await fetch(card.dataset.chat, {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json", "HX-Request": "true" },
        body: JSON.stringify(body),
      });
      if (answer.ok) {
        if (move === "begin") talk.replaceChildren();
        show(await answer.json(), move);
      } else if (answer.headers.get("Content-Type")?.includes("json")) {
        line("event", (await answer.json()).error);
      } else {
        line("event", await answer.text());
      }
    } catch {
      line("event", "The server does not answer.");
    } finally {
      busy = false;
      card.removeAttribute("aria-busy");
    }
  }

  begin.hidden = false;
  begin.addEventListener("click", () => send("begin"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const spoken = words.value.trim();
    if (!spoken || busy) return;
    words.value = "";
    line("caller", spoken);
    if (/^#[0-9*#]+$/.test(spoken)) send("keys", spoken.slice(1));
    else send("say", spoken);
  });
  part("silence").addEventListener("click", () => {
    line("caller", "…");
    send("silence");
  });
  for (const one of card.querySelectorAll("[data-operator]")) {
    one.addEventListener("click", () => send("operator", one.dataset.operator));
  }
})();
