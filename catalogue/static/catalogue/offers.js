// The list under the search box by keyboard: a combobox (WAI-ARIA APG). Without a script there is just the box.
"use strict";

for (const field of document.querySelectorAll("input[data-offers]")) {
  const place = document.getElementById(field.dataset.offers);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", place.id);

  const options = () => [...place.querySelectorAll("[role=option]")];
  const chosen = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");
  const choose = (index) => {
    options().forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    const option = options()[index];
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  };
  const close = () => {
    place.replaceChildren();
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };

  let waiting;
  let asked = "";
  const ask = async () => {
    const text = field.value.trim();
    if (text === asked) return;
    asked = text;
    if (text.length < 2) {
      close();
      return;
    }
    const answer = await fetch(`${field.dataset.suggest}?${new URLSearchParams({ q: text })}`).catch(() => null);
    // An answer that comes late, or to somebody who has gone on, is left alone.
    if (!answer?.ok || text !== asked || document.activeElement !== field) return;
    place.innerHTML = await answer.text();
    field.setAttribute("aria-expanded", String(options().length > 0));
  };
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 100);
  });
  field.addEventListener("keydown", (event) => {
    const count = options().length;
    if (event.key === "Escape" && count) {
      event.preventDefault();
      close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const next = chosen() + step;
      choose(next < -1 ? count - 1 : next >= count ? -1 : next);
    } else if (event.key === "Enter" && chosen() >= 0) {
      event.preventDefault();
      options()[chosen()].click();
    }
  });
  document.addEventListener("click", (event) => {
    if (!place.contains(event.target) && event.target !== field) close();
  });
  field.addEventListener("blur", (event) => {
    if (!place.contains(event.relatedTarget)) setTimeout(() => { if (document.activeElement !== field) close(); }, 200);
  });
}
