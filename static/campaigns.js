// Files that are sent from a page: how much of one is over, and what the server says of it.
// Without it the form is sent as any other, and says nothing until it is over.
"use strict";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("uploads" in form.dataset) || event.defaultPrevented) return;
  event.preventDefault();
  if ("uploading" in form.dataset) return;
  form.dataset.uploading = "";
  const bar = form.querySelector("progress");
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (news) => {
    bar.hidden = false;
    if (news.lengthComputable) bar.value = (100 * news.loaded) / news.total;
    else bar.removeAttribute("value");
  });
  request.addEventListener("load", () => {
    if (request.status < 400) location.assign(request.getResponseHeader("HX-Redirect") ?? location.href);
    else failed(decodeURIComponent(request.getResponseHeader("X-Error") ?? "") || `The server answered ${request.status}.`);
  });
  request.addEventListener("error", () => failed("The file did not arrive. Send it again."));
  request.setRequestHeader("HX-Request", "true"); // answers come as a line, and where to go
  request.send(new FormData(form));

  function failed(text) {
    bar.hidden = true;
    window.toast(text, "bad");
    delete form.dataset.uploading;
    delete form.dataset.sent;
    for (const button of form.elements) button.removeAttribute("aria-disabled");
  }
});
