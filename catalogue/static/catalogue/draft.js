// The editor of a draft: says when something is not saved yet, and keeps its savings from meeting. Saving itself is htmx's.
"use strict";

const form = document.querySelector("form.draft");
const say = (words) => {
  const status = document.getElementById("draft-status");
  if (status) status.textContent = words;
};

form?.addEventListener("input", () => say(form.dataset.unsaved));

// A button waits for the saving that is on its way, and none begins after it: the page would be told that
// somebody else, itself, has written meanwhile.
let isSaving = false;
let isLeaving = false;
form?.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target !== form) return;
  if (isLeaving) event.preventDefault();
  else isSaving = true;
});
form?.addEventListener("htmx:afterRequest", (event) => {
  if (event.target === form) isSaving = false;
});
form?.addEventListener("submit", (event) => {
  isLeaving = !isSaving;
  if (isLeaving) return;
  event.preventDefault();
  const send = (ended) => {
    if (ended.target !== form) return;
    form.removeEventListener("htmx:afterRequest", send);
    form.requestSubmit(event.submitter);
  };
  form.addEventListener("htmx:afterRequest", send);
});
window.addEventListener("pageshow", () => {
  isLeaving = false;
});

for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, () => say(form.dataset.failed));
}

// What is wrong is also told to those who do not see it.
document.addEventListener("htmx:oobAfterSwap", (event) => {
  const errors = document.getElementById(event.detail.target?.id); // the target itself was exchanged
  if (!errors?.id.endsWith("-errors")) return;
  const field = document.getElementById(errors.id.slice(0, -"-errors".length));
  if (errors.childElementCount) field?.setAttribute("aria-invalid", "true");
  else field?.removeAttribute("aria-invalid");
});
