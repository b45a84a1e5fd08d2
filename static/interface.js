// The interface's page: sends what is filled in, and shows what comes back.
"use strict";

/** The address of a route, with what was filled in. */
function addressOf(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  for (const control of form.querySelectorAll("[data-place]")) {
    const value = control.value.trim();
    if (control.dataset.place === "path") {
      path = path.replace(`{${control.name}}`, encodeURIComponent(value));
    } else if (value) {
      query.set(control.name, value);
    }
  }
  return query.size ? `${path}?${query}` : path;
}

/** An answer as people read it: JSON indented, other text as it is, sound not at all. */
async function readable(blob) {
  if (!/^(text\/|application\/(json|openmetrics-text))/.test(blob.type)) return "";
  const text = await blob.text();
  if (!blob.type.startsWith("application/json")) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function send(form) {
  const method = form.dataset.tries;
  const address = addressOf(form);
  const outcome = form.querySelector("[data-outcome]");
  const shown = form.querySelector("[data-answer]");
  if (method !== "GET" && !window.confirm(`${method} ${address} is done for real. Send it?`)) return;
  const headers = { Accept: "application/json, text/plain;q=0.5" };
  const token = document.getElementById("token")?.value.trim();
  if (token && form.dataset.token === "token") headers.Authorization = `Bearer ${token}`;
  const body = form.querySelector("[data-body]")?.value;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const button = form.querySelector("button");
  button.disabled = true;
  outcome.textContent = "…";
  const since = performance.now();
  try {
    // Without cookies: programs have none, and what they get is what is shown.
    const answer = await fetch(address, { method, headers, body, credentials: "omit" });
    const blob = await answer.blob();
    const elapsed = Math.round(performance.now() - since);
    const size = blob.size ? `${blob.size} bytes of ${blob.type.split(";")[0]}` : "no body";
    outcome.textContent = `${answer.status} ${answer.statusText} · ${elapsed} ms · ${size}`;
    const text = await readable(blob);
    shown.textContent = text;
    shown.hidden = !text;
  } catch {
    outcome.textContent = "The server does not answer.";
    shown.hidden = true;
  } finally {
    button.disabled = false;
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-tries]")) return;
  event.preventDefault();
  send(event.target);
});
