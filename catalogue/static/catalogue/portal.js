// What makes the pages quicker; each of them works without.
"use strict";

document.documentElement.classList.add("has-script");

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const field = [...document.querySelectorAll("input[type=search]")].find((input) => input.offsetParent);
    if (field) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  }
  if (event.key === "Escape") {
    const open = document.querySelector("details.origin[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  }
});

// One origin open at a time, closed by a click elsewhere.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.origin[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

// Copy buttons appear only where copying works.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const label = button.textContent;
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }
}

// A part that fetches itself anew keeps open what its reader opened; htmx gives the focus back by id.
let opened = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  opened = [...event.target.querySelectorAll("details[id][open]")].map((part) => part.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
});

// After an answer was exchanged, the reader is at its heading, and hears the new total.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "results") document.getElementById("answer")?.focus({ preventScroll: true });
});
