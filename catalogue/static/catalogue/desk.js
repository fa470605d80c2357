// Keys of the desk. What a key does stands in the page: the element with that data-key is clicked, or,
// where one writes in it, focused. Without this script the same links and buttons are used by hand.
"use strict";

const findByKey = (key) => {
  const all = [...document.querySelectorAll("[data-key]")];
  return all.find((element) => element.dataset.key === key && (element.offsetParent || element.dataset.opens));
};

const openDetails = (summary) => {
  const details = summary.parentElement;
  details.open = true;
  details.querySelector("textarea, input:not([type=hidden])")?.focus();
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const field = event.target.closest("input, textarea, select, [contenteditable]");
  if (field) {
    if (event.key === "Escape") field.blur();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  const element = findByKey(event.key);
  if (!element) return;
  event.preventDefault();
  if (element.matches("textarea, input")) element.focus();
  else if (element.matches("summary")) openDetails(element);
  else element.click();
});

for (const button of document.querySelectorAll("[data-opens]")) {
  button.addEventListener("click", () => document.getElementById(button.dataset.opens).showModal());
}

// After a decision the reader is at the piece that is open now, and hears its name.
document.getElementById("piece-title")?.focus({ preventScroll: true });
