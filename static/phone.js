// The browser phone: one socket a call. What is heard and drawn is in phone-voice.js, phone-view.js.
"use strict";

(() => {
  const by = (id) => document.getElementById(id);
  const root = by("phone");
  const voice = window.phoneVoice;
  const view = window.phoneView;
  const live = window.phoneLive;
  const agents = JSON.parse(root.dataset.agents);
  const WAITS_MOST_MS = 300000; // for somebody who may have gone away
  const KEYS_END_MS = 2500; // after the last key, when no number or key ends them
  let call = null; // what is known of the call that is on
  let shown = ""; // the agent and direction whose form is shown

  const newCall = (socket) => ({
    socket, listening: null, isAnswered: false, record: null, startedAt: performance.now(),
    promptAt: 0, movedAt: performance.now(), hasSounded: false, pending: null, digits: "",
    timers: {}, ear: null, bubble: null, mishap: "", lines: new Map(), isOver: false,
  });

  function send(message) {
    if (call?.socket.readyState === WebSocket.OPEN) call.socket.send(JSON.stringify(message));
  }

  // Before the call

  function choose() {
    const agent = agents[by("agent").value];
    if (!agent) return;
    by("goal").textContent = `${agent.goal} Speaks ${agent.languages.join(", ")}.`;
    const isRung = root.querySelector("[name=direction]:checked").value === "out";
    const chosen = `${by("agent").value} ${isRung}`;
    if (call || chosen === shown) return; // what was typed stays
    shown = chosen;
    view.outlook(agent);
    const names = isRung ? Object.entries(agent.variables) : [];
    by("variables").hidden = !names.length;
    by("variables").replaceChildren(...names.map(([name, usual]) => {
      const field = view.make("div", "field");
      const label = view.make("label", "", name.replaceAll("_", " "));
      const input = view.make("input");
      input.id = `variable-${name}`;
      input.name = name;
      input.maxLength = 500;
      input.placeholder = usual;
      label.htmlFor = input.id;
      field.append(label, input);
      return field;
    }));
    by("ring").lastElementChild.textContent = isRung ? "Be rung" : "Ring";
  }

  function abilities() {
    const told = [
      voice.canSpeak() ? ["volume-2", "This browser speaks."] : ["volume-x", "This browser has no voice of its own: words are shown."],
      voice.canListen() ? ["mic", "It understands speech; you can type as well."] : ["mic-off", "It does not understand speech: type what you say."],
    ];
    by("abilities").replaceChildren(...told.map(([symbol, text]) => {
      const item = view.make("li");
      item.append(view.icon(symbol), view.make("span", "", text));
      return item;
    }));
    by("mic").hidden = !voice.canListen();
    const kept = by("voice").value;
    const options = voice.voices().map((one) => new Option(`${one.name} (${one.lang})`, one.voiceURI));
    by("voice").replaceChildren(by("voice").options[0], ...options);
    by("voice").value = kept;
  }

  function ring(event) {
    event.preventDefault();
    if (call) return;
    const form = new FormData(by("dialler"));
    const outgoing = form.get("direction") === "out";
    const variables = {};
    for (const input of by("variables").querySelectorAll("input"))
      if (input.value.trim()) variables[input.name] = input.value.trim();
    const address = new URL("/console/phone/socket", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    call = newCall(socket);
    view.clear();
    view.outlook(agents[form.get("agent")]);
    by("callee").textContent = agents[form.get("agent")].name;
    by("dialler").hidden = true;
    by("oncall").hidden = by("handle").hidden = false;
    by("words").value = "";
    by("pressed").textContent = "";
    by("rung").hidden = true;
    by("hang-up").disabled = false;
    state("Ringing");
    voice.tone(400, 450, 0.5);
    by("words").focus();
    call.timers.clock = setInterval(clock, 500);
    clock();
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send(JSON.stringify({
      type: "ring", agent: form.get("agent"), number: form.get("number").trim(), outgoing, variables,
    }));
    socket.onmessage = (message) => {
      if (message.data instanceof ArrayBuffer) {
        live.sound(message.data, voice.isMuted());
        return;
      }
      const told = JSON.parse(message.data);
      handlers[told.type]?.(told);
    };
    socket.onclose = (closed) => {
      if (!call || call.socket !== socket) return;
      if (!call.isOver) ended(closed.reason || "The server closed the line. Sign in again, or see its log.");
    };
  }

  const state = (text) => { by("state").textContent = text; };

  function clock() {
    if (!call) return;
    const seconds = Math.floor((performance.now() - call.startedAt) / 1000);
    by("timer").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  // What the server tells

  const handlers = {
    dialled() {},

    rings(told) {
      voice.tone(400, 450, 1);
      ask(`${told.number} is calling you.`, [["answered", "Answer", "primary"], ["busy", "Busy"], ["no-answer", "Let it ring"]], "pick-up");
    },

    dials(told) {
      stopCountdown();
      state("Connecting");
      view.event(`The agent rings ${told.target}.`, "phone-forwarded");
      ask(`${told.target} is ringing. What becomes of it?`, [["answered", "Picks up", "primary"], ["busy", "Busy"], ["no-answer", "Nobody answers"], ["failed", "Cannot be reached"]], "put-through");
    },

    heard(told) {
      if (!call.isAnswered) {
        call.isAnswered = true;
        call.startedAt = performance.now();
      }
      if (!voice.isPlaying() && !call.promptAt) call.promptAt = performance.now();
      const { words } = told;
      const address = told.clip && new URL(told.clip, location.href).pathname;
      const isOther = told.language && told.language !== call.language;
      call.language = told.language || call.language;
      let part = null;
      if (call.bubble && !isOther) part = view.more(call.bubble, words || "♪");
      else {
        call.bubble = view.line("agent", words || "♪", isOther ? told.language : "");
        part = call.bubble.querySelector(".words > span");
      }
      call.lines.set(told.sound, part);
      state("Speaking");
      voice.play({ number: told.sound, words, language: told.language || "en-IN", address });
    },

    // The call has a line that carries sound: the person speaks when they like.
    live() {
      goLive();
      call.hasSound = true;
      by("live-mic").hidden = !live.canListen();
    },

    overheard(told) {
      if (!call.isLive) goLive();
      if (call.bubble) view.more(call.bubble, told.words);
      else call.bubble = view.line("agent", told.words, "");
      if (!call.hasSounded) {
        call.hasSounded = true;
        view.sounded(performance.now() - call.movedAt);
      }
      // Where the carrier speaks there is no sound to hear.
      if (!call.hasSound) voice.play({ number: 0, words: told.words, language: call.language || "en-IN" });
    },

    cut() {
      live.cut();
    },

    listening(told) {
      if (call.isLive) leaveLiveOf(call);
      call.listening = told;
      if (call.pending) {
        const held = call.pending;
        call.pending = null;
        say(held, 0.9);
      } else if (!voice.isPlaying()) finished();
      else ear("talking", told.barge_in ? "You can interrupt" : "Cannot be interrupted here");
    },

    webhook(told) {
      if (told.document) call.bubble = null;
      view.webhook(told);
      if (told.mishap) mishapped(told);
    },

    broken(told) {
      if (told.problem) return window.toast(told.problem, "bad");
      showOutage(told.part, told.outage);
      view.event(told.outage ? `From now on the ${told.part} is ${told.outage}.` : `The ${told.part} is well again.`, "bug");
      return undefined;
    },

    noted(told) {
      view.event(told.text, told.who === "fault" ? "triangle-alert" : "info");
    },

    record(told) {
      call.record = told;
      view.stage(told.stage, told.way);
      view.fields(told.fields);
      view.record(told);
    },

    ended(told) {
      ended(told.problem);
    },
  };

  function goLive() {
    call.isLive = true;
    if (!call.isAnswered) {
      call.isAnswered = true;
      call.startedAt = performance.now();
    }
    call.listening = { listening: 0, barge_in: true, keys_most: 1, keys_end: "", hints: [], timeout_s: 5, language: call.language || "en-IN", partials: false };
    state("Live");
    ear("talking", "Speak whenever you like");
  }

  function leaveLiveOf(one) {
    one.isLive = one.hasSound = false;
    live.stop();
    by("live-mic").hidden = true;
    by("live-mic").setAttribute("aria-pressed", "false");
  }

  /** The microphone on or off: its sound goes to the agent as a caller's does. */
  async function microphone() {
    if (!call?.isLive) return;
    const { socket } = call;
    try {
      if (live.isListening()) live.hush();
      else await live.listen((frame) => {
        if (socket.readyState === WebSocket.OPEN && socket.bufferedAmount < 16000) socket.send(frame);
      });
    } catch {
      window.toast("The browser may not use the microphone.", "warn");
    }
    if (!call?.isLive) live.hush(); // it ended while the browser asked
    by("live-mic").setAttribute("aria-pressed", String(live.isListening()));
  }

  function mishapped(told) {
    const waited = view.ms(told.elapsed_ms);
    const words = {
      twice: `The webhook was delivered twice, and answered in ${waited} both times together.`,
      late: `An earlier webhook came once more, long after its time: it changed nothing.`,
      lost: `The answer was lost on its way. ${told.attempts} attempts, ${waited}.`,
      spoilt: `The answer was a page of some proxy. The carrier goes to the fallback address.`,
    }[told.mishap];
    view.event(words, "zap");
    if (told.mishap !== "late") call.mishap = told.mishap;
  }

  /** Which vendors are failing, on the buttons and in the banner; it ends by itself. */
  function showOutage(part, outage) {
    for (const button of document.querySelectorAll(`[data-part="${part}"]`))
      button.setAttribute("aria-pressed", String(button.dataset.outage === outage));
    const on = [...document.querySelectorAll('[data-part][aria-pressed="true"]')];
    const names = on.map((button) => button.textContent.trim()).join(", ");
    by("broken-text").textContent = `Every call of this server: ${names}. Ends with this call or after ${root.dataset.outageS} s.`;
    by("broken").hidden = !on.length;
    if (!call) return;
    call.isBroken = on.length > 0;
    clearTimeout(call.timers[part]);
    if (outage) call.timers[part] = setTimeout(() => showOutage(part, null), root.dataset.outageS * 1000);
  }

  function ask(text, choices, type) {
    by("rung-text").textContent = text;
    by("rung-choices").replaceChildren(...choices.map(([result, label, kind]) => {
      const button = view.make("button", `button small ${kind ?? ""}`, label);
      button.type = "button";
      button.onclick = () => {
        by("rung").hidden = true;
        send({ type, result });
        by("words").focus();
      };
      return button;
    }));
    by("rung").hidden = false;
    by("rung-choices").firstElementChild.focus();
  }

  // Sounds

  voice.on({
    started(sound) {
      if (!call) return;
      call.lines.get(sound.number)?.classList.add("is-playing");
      if (!call.hasSounded) {
        call.hasSounded = true;
        const waited = performance.now() - call.movedAt;
        view.sounded(waited);
        if (call.mishap || call.isBroken) {
          view.event(`The caller heard nothing for ${view.ms(waited)}.`, "clock");
          call.mishap = "";
        }
      }
    },
    played(sound, isWhole) {
      if (!call) return;
      call.lines.get(sound.number)?.classList.remove("is-playing");
      if (isWhole) send({ type: "played", sound: sound.number });
    },
    finished() {
      finished();
    },
  });

  /** The agent has stopped talking: from now on the seconds count. */
  function finished() {
    if (!call?.listening || call.isOver || call.isLive) return;
    state("Listening");
    if (call.pending) return;
    startCountdown(call.listening.timeout_s * 1000);
  }

  // Silence

  function ear(name, text) {
    by("ear").dataset.state = name;
    by("ear-text").textContent = text;
  }

  /** Count down to silence; not while the person is busy, and not at all for who is waited for. */
  function startCountdown(ms) {
    stopCountdown();
    const { hints, keys, timeout_s: given } = call.listening;
    const expected = hints.length ? ` · expects ${hints.slice(0, 3).join(", ")}` : "";
    const more = `${keys ? " · keys too" : ""}${expected}`;
    const waits = by("waits").checked;
    const endsAt = performance.now() + (waits ? WAITS_MOST_MS : ms);
    let toldAt = 0;
    const tick = () => {
      if (!call?.listening) return stopCountdown();
      const isBusy = by("words").value.trim() || call.ear || call.digits;
      if ((isBusy || waits) && performance.now() - toldAt > 15000) {
        toldAt = performance.now();
        send({ type: "busy", listening: call.listening.listening });
      }
      const left = endsAt - performance.now();
      if (isBusy) ear("busy", call.digits ? "Keys" : "You are answering");
      else if (waits) ear("counting", `Waiting for you; a caller has ${given} s${more}`);
      else ear("counting", `Listening, ${Math.max(0, Math.ceil(left / 1000))} s${more}`);
      by("countdown").style.width = isBusy || waits ? "0" : `${Math.max(0, (left / ms) * 100)}%`;
      if (left <= 0 && !isBusy) return silent();
      call.timers.count = setTimeout(tick, isBusy || waits ? 500 : 100);
      return undefined;
    };
    tick();
  }

  function stopCountdown() {
    clearTimeout(call?.timers.count);
    by("countdown").style.width = "0";
    ear("off", "\u00a0");
  }

  /** What was typed was taken back: the seconds count from now. */
  function resume() {
    if (call?.listening && !call.isLive && !voice.isPlaying() && !by("words").value.trim() && !call.ear && !call.digits)
      startCountdown(call.listening.timeout_s * 1000);
  }

  // Moves

  /** Take the turn; seconds since the prompt began when the agent was interrupted, else null. */
  function moves(message) {
    const listening = call.listening;
    if (call.isLive) {
      send({ ...message, listening: 0, after_s: null });
      voice.stop();
      call.bubble = null;
      call.movedAt = performance.now();
      call.hasSounded = false;
      return;
    }
    const after = voice.isPlaying() ? (performance.now() - call.promptAt) / 1000 : null;
    call.listening = null;
    stopCountdown();
    voice.stop();
    send({ ...message, listening: listening.listening, ...(message.type === "silent" ? {} : { after_s: after }) });
    call.movedAt = performance.now();
    call.promptAt = 0;
    call.hasSounded = false;
    state("Thinking");
  }

  function say(text, confidence) {
    if (!call || call.isOver) return;
    const isBlocked = !call.listening || (voice.isPlaying() && !call.listening.barge_in);
    if (isBlocked) {
      call.pending = text;
      ear("held", "You will be heard when the agent listens");
      return;
    }
    view.line("caller", text, voice.isPlaying() ? "interrupts" : "");
    moves({ type: "says", text, confidence });
  }

  function silent() {
    if (!call?.listening || call.isLive) return;
    view.line("caller", "(silence)");
    moves({ type: "silent" });
  }

  function press(key) {
    if (!call || call.isOver) return;
    voice.tone(697 + "123456789*0#".indexOf(key) * 20, 1336, 0.12);
    if (!call.listening || (voice.isPlaying() && !call.listening.barge_in)) return;
    call.digits += key;
    by("pressed").textContent = call.digits;
    clearTimeout(call.timers.keys);
    const { keys_most: most, keys_end: end } = call.listening;
    if ((most && call.digits.length >= most) || end.includes(key)) typed();
    else call.timers.keys = setTimeout(typed, Math.min(KEYS_END_MS, call.listening.timeout_s * 1000));
  }

  function typed() {
    if (!call?.listening || !call.digits) return;
    const keys = call.digits;
    call.digits = "";
    by("pressed").textContent = "";
    view.line("caller", keys, "keys");
    moves({ type: "keys", keys });
  }

  function speak() {
    if (!call || call.isOver) return;
    if (call.ear) {
      call.ear.end();
      return;
    }
    if (!call.listening) return;
    if (voice.isPlaying() && call.listening.barge_in) voice.stop();
    const language = call.listening.language;
    by("mic").setAttribute("aria-pressed", "true");
    ear("hearing", `Hearing you (${language})`);
    call.ear = voice.listen(language, {
      hearing(text) {
        ear("hearing", text);
        partial(text);
      },
      heard(text, confidence) {
        if (text) say(text, confidence);
      },
      failed(reason) {
        const told = { "not-allowed": "The browser may not use the microphone.", network: "The browser's recognition cannot be reached." }[reason];
        if (told) window.toast(told, "warn");
      },
      ended() {
        if (call) call.ear = null;
        by("mic").setAttribute("aria-pressed", "false");
        resume();
      },
    });
  }

  function partial(text) {
    if (call?.listening?.partials && text)
      send({ type: "hears", listening: call.listening.listening, text });
  }

  function hangUp() {
    if (!call || call.isOver) return;
    by("hang-up").disabled = true;
    voice.stop();
    send({ type: "hang-up" });
    state("Hanging up");
  }

  function ended(problem) {
    const over = call;
    over.isOver = true;
    over.ear?.drop();
    voice.stop();
    leaveLiveOf(over);
    stopCountdown();
    Object.values(over.timers).forEach((timer) => { clearTimeout(timer); clearInterval(timer); });
    state("Over");
    view.event("The call is over.", "phone-off");
    view.summary(over.record, problem);
    over.socket.close();
    call = null;
    for (const part of ["model", "voice"]) showOutage(part, null);
    by("handle").hidden = true;
    by("hang-up").disabled = true;
    by("rung").hidden = true;
    if (problem) window.toast(problem, "bad");
    by("summary-title").focus({ preventScroll: true });
  }

  /** Back to the dialler. */
  function again() {
    by("oncall").hidden = true;
    by("dialler").hidden = false;
    tab("talk");
    by("ring").focus();
  }

  // Tabs of narrow screens

  function tab(name) {
    root.dataset.tab = name;
    for (const one of ["talk", "inside"]) {
      by(`tab-${one}`).setAttribute("aria-selected", String(one === name));
      by(`tab-${one}`).tabIndex = one === name ? 0 : -1;
    }
    view.showStage(); // which cannot be done while it is hidden
  }

  by("dialler").addEventListener("submit", ring);
  by("dialler").addEventListener("change", choose);
  by("voice").addEventListener("change", () => voice.choose(by("voice").value));
  by("hang-up").addEventListener("click", hangUp);
  by("silence").addEventListener("click", silent);
  by("mic").addEventListener("click", speak);
  by("live-mic").addEventListener("click", microphone);
  by("again").addEventListener("click", again);
  by("mute").addEventListener("click", () => mute(!voice.isMuted()));
  by("keys-open").addEventListener("click", () => {
    const isOpen = by("keypad").hidden;
    by("keypad").hidden = !isOpen;
    by("keys-open").setAttribute("aria-expanded", String(isOpen));
  });
  by("keypad").addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (key) press(key);
  });
  by("keypad").addEventListener("keydown", (event) => {
    if (/^[0-9*#]$/.test(event.key)) press(event.key);
  });
  by("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = by("words").value.trim();
    by("words").value = "";
    if (text) say(text, 0.9);
    else silent();
  });
  by("words").addEventListener("input", () => {
    const text = by("words").value;
    if (!text.trim()) resume();
    else if (/\s$/.test(text)) partial(text.trim());
  });
  by("waits").addEventListener("change", () => {
    localStorage.setItem("phone-waits", by("waits").checked ? "1" : "0");
    resume();
  });
  by("mishaps").addEventListener("click", (event) => {
    const button = event.target.closest("[data-mishap]");
    if (!button) return;
    if (!call) return window.toast("Ring first.", "warn");
    send({ type: "mishap", mishap: button.dataset.mishap });
    view.event(`The next webhook ${button.textContent.trim()}.`, "bug");
    return undefined;
  });
  by("outages").addEventListener("click", (event) => {
    const button = event.target.closest("[data-part]");
    if (!button) return;
    if (!call) return window.toast("Ring first.", "warn");
    const isOn = button.getAttribute("aria-pressed") === "true";
    send({ type: "break", part: button.dataset.part, outage: isOn ? null : button.dataset.outage });
    return undefined;
  });
  for (const name of ["talk", "inside"]) by(`tab-${name}`).addEventListener("click", () => tab(name));
  root.querySelector(".phone-tabs").addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = root.dataset.tab === "talk" ? "inside" : "talk";
    tab(other);
    by(`tab-${other}`).focus();
  });

  function mute(on) {
    voice.mute(on);
    by("mute").setAttribute("aria-pressed", String(on));
    by("mute").firstElementChild.firstElementChild.setAttribute("href", `${root.dataset.icons}#${on ? "volume-x" : "volume-2"}`);
  }

  window.speechSynthesis?.addEventListener?.("voiceschanged", abilities);
  window.addEventListener("pagehide", () => call?.socket.close());
  by("waits").checked = localStorage.getItem("phone-waits") !== "0";
  mute(voice.isMuted());
  abilities();
  tab("talk");
  choose();
})();
