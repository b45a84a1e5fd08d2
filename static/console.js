// What every page does: theme, confirmations, forms sent once, answers of htmx. No page needs it to be read.
"use strict";

// How long a form waits for its answer before it may be sent once more.
const SENT_MS = 20000;

document.addEventListener("click", (event) => {
  const themed = event.target.closest("[data-theme-switch]");
  if (themed) {
    const isDark = getComputedStyle(document.documentElement).colorScheme === "dark";
    const theme = isDark ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax`;
  }
  const copier = event.target.closest("[data-copies]");
  if (copier) {
    const text = document.getElementById(copier.dataset.copies)?.textContent ?? "";
    navigator.clipboard?.writeText(text.trim()).then(() => toast("Copied.", "good"));
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  const question = form.dataset.confirm;
  // While a slow server answers, a second click sends nothing.
  if ("sent" in form.dataset || (question && !window.confirm(question))) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "";
  event.submitter?.setAttribute("aria-disabled", "true");
  setTimeout(() => free(form), SENT_MS);
});

/** Let a form be sent again: nobody answered, or it came back from the browser's memory. */
function free(form) {
  delete form.dataset.sent;
  for (const button of form.elements) button.removeAttribute("aria-disabled");
}
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(free));

// A select or date that filters: the form is sent as soon as it changes.
document.addEventListener("change", (event) => {
  if (event.target.closest("[data-submits]")) event.target.form?.requestSubmit();
});

// Who leaves a page, or sends a file from it, is not to be held up by an answer that asks for the page
// anew: the file would not arrive, and what the next page says once would be said to nobody.
let isLeaving = false;
window.addEventListener("beforeunload", () => {
  isLeaving = true;
  setTimeout(() => (isLeaving = false), SENT_MS); // it was a download, or nobody answered
});
window.addEventListener("pageshow", () => (isLeaving = false));
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const isSending = document.querySelector("form[data-uploading]") !== null;
  const asksForAll = event.detail.xhr.getResponseHeader("HX-Refresh") === "true";
  if (asksForAll && (isLeaving || isSending)) event.preventDefault();
});

/** Say something briefly in a corner; `kind` is good, warn, bad or "". */
function toast(text, kind = "") {
  const box = document.createElement("div");
  box.className = `notice toast ${kind}`;
  box.setAttribute("role", kind === "bad" ? "alert" : "status");
  box.textContent = text;
  document.body.append(box);
  setTimeout(() => box.remove(), 5000);
}
window.toast = toast;

document.addEventListener("htmx:responseError", (event) => {
  const answer = event.detail.xhr;
  const told = answer.getResponseHeader("X-Error") ?? "";
  toast(decodeURIComponent(told) || `The server answered ${answer.status}.`, "bad");
});
document.addEventListener("htmx:sendError", () => toast("The server does not answer.", "bad"));
