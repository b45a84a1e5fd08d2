// What is said in a call while it is being said, into the element with data-words (the call's id).
"use strict";

(() => {
  const place = document.querySelector("[data-words]");
  if (!place) return;
  const FIRST_MS = 500;
  const MOST_MS = 15000;
  const SILENT_MS = 1500;
  const address = new URL("/console/live/call", location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.searchParams.set("call_id", place.dataset.words);
  const stage = place.querySelector("[data-stage]");
  const note = place.querySelector("[data-note]");
  let pauseMs = FIRST_MS;
  let isOver = false;

  const lines = new Map(
    [...place.querySelectorAll("[data-speaker]")].map((line) => [
      line.dataset.speaker,
      {
        line,
        words: line.querySelector(".words"),
        meter: line.querySelector("meter"),
        lastAt: 0,
      },
    ]),
  );

  function speaks(one) {
    one.lastAt = Date.now();
    one.line.dataset.speaking = "";
  }

  const tell = {
    words(news) {
      const one = lines.get(news.speaker);
      if (!one) return;
      one.words.textContent = news.text;
      one.words.classList.toggle("interim", !news.is_final);
      speaks(one);
    },
    // The turn is in the story now, which the page fetches.
    said() {
      for (const one of lines.values()) one.words.textContent = "";
    },
    // Of the caller alone: what an agent says is as loud as its voice makes it.
    level(news) {
      const one = lines.get("caller");
      const level = Math.min(1, Math.max(0, Number(news.caller) || 0));
      one.meter.value = level;
      if (level > 0.05) speaks(one);
    },
    stage(news) {
      stage.textContent = news.stage;
    },
    moved(news) {
      note.textContent = `The call goes on by ${news.to}: ${news.reason.replaceAll("_", " ")}.`;
    },
    ended() {
      isOver = true;
      place.hidden = true;
    },
  };

  function quieten() {
    for (const one of lines.values()) {
      if (Date.now() - one.lastAt > SILENT_MS) {
        delete one.line.dataset.speaking;
        if (one.meter) one.meter.value = 0;
      }
    }
  }

  function connect() {
    const socket = new WebSocket(address);
    socket.addEventListener("open", () => {
      pauseMs = FIRST_MS;
      place.dataset.listening = "";
    });
    socket.addEventListener("message", (event) => {
      const news = JSON.parse(event.data);
      if (Object.hasOwn(tell, news.kind)) tell[news.kind](news);
      if (isOver) socket.close();
    });
    socket.addEventListener("close", () => {
      delete place.dataset.listening;
      if (isOver) return;
      setTimeout(connect, pauseMs * (0.5 + Math.random()));
      pauseMs = Math.min(pauseMs * 2, MOST_MS);
    });
  }

  connect();
  setInterval(quieten, 500);
})();
