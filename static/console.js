// What every page does: theme, confirmations, dialogs, answers of htmx. No page needs it to be read.
"use strict";

document.addEventListener("click", (event) => {
  const themed = event.target.closest("[data-theme-switch]");
  if (themed) {
    const isDark = getComputedStyle(document.documentElement).colorScheme === "dark";
    const theme = isDark ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax`;
  }
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  const closer = event.target.closest("[data-closes]");
  if (closer) closer.closest("dialog")?.close();
  const copier = event.target.closest("[data-copies]");
  if (copier) {
    const text = document.getElementById(copier.dataset.copies)?.textContent ?? "";
    navigator.clipboard?.writeText(text.trim()).then(() => toast("Copied.", "good"));
  }
});

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// A select or date that filters: the form is sent as soon as it changes.
document.addEventListener("change", (event) => {
  if (event.target.closest("[data-submits]")) event.target.form?.requestSubmit();
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
