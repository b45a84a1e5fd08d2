// News of calls over one socket. For every call that changed: `call-changed` on the body
// (detail.call_id; null when any may have), and `changed` on elements with data-call of that id.
// Elements with data-since show how long that moment is ago.
"use strict";

(() => {
  const FIRST_MS = 500;
  const MOST_MS = 15000;
  const address = new URL("/console/live", location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  let pauseMs = FIRST_MS;
  let openedAt = 0;

  function tell(callId) {
    const detail = { call_id: callId };
    document.body.dispatchEvent(new CustomEvent("call-changed", { detail }));
    for (const element of document.querySelectorAll("[data-call]")) {
      if (callId === null || element.dataset.call === callId) {
        element.dispatchEvent(new CustomEvent("changed", { detail }));
      }
    }
  }

  function connect() {
    const socket = new WebSocket(address);
    socket.addEventListener("open", () => {
      openedAt = Date.now();
    });
    socket.addEventListener("message", (event) => {
      const news = JSON.parse(event.data);
      // The first is "all": whatever happened until the server looked for this page.
      document.documentElement.dataset.live = "on";
      if (news.kind === "call") tell(news.call_id);
      else if (news.kind === "all") tell(null);
      else document.body.dispatchEvent(new CustomEvent(`${news.kind}-changed`, { detail: news }));
    });
    socket.addEventListener("close", () => {
      delete document.documentElement.dataset.live;
      if (openedAt && Date.now() - openedAt > 10000) pauseMs = FIRST_MS;
      openedAt = 0;
      // Not all pages at once, when a server has come back.
      setTimeout(connect, pauseMs * (0.5 + Math.random()));
      pauseMs = Math.min(pauseMs * 2, MOST_MS);
    });
  }

  function elapse() {
    for (const element of document.querySelectorAll("[data-since]")) {
      const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(element.dataset.since)) / 1000));
      element.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }
  }

  connect();
  elapse();
  setInterval(elapse, 1000);
  document.addEventListener("htmx:afterSwap", elapse);
})();
