// The editor of a draft: says when something is not saved yet. Saving itself is htmx's.
"use strict";

const form = document.querySelector("form.draft");
const say = (words) => {
  const status = document.getElementById("draft-status");
  if (status) status.textContent = words;
};

form?.addEventListener("input", () => say(form.dataset.unsaved));
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
