// A search box above many tick boxes: folds what is typed as the server folds the catalogue, hides what does not match,
// and says below what is ticked. The page's own search, for browsers without scripts, is not needed then.
"use strict";

function foldWords(text) {
  return text.normalize("NFKC").toLowerCase()
    .replace(/[\u30a1-\u30f6]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0x60))
    .split(/\s+/).filter(Boolean);
}

for (const form of document.querySelectorAll("[data-without-script]")) form.hidden = true;

for (const picker of document.querySelectorAll("[data-picker]")) {
  const search = picker.querySelector('input[type="search"]');
  const status = picker.querySelector("[data-found]");
  const groups = [...picker.querySelectorAll("details")];
  search.closest("p").hidden = false;
  const chosen = picker.querySelector("[data-chosen]");
  const showChosen = () => {
    const names = [...picker.querySelectorAll("input:checked")].map((box) => box.closest("label").textContent.trim());
    chosen.hidden = names.length === 0;
    chosen.lastElementChild.textContent = names.join(" · ");
  };
  picker.addEventListener("change", showChosen);
  showChosen();
  search.addEventListener("input", () => {
    const words = foldWords(search.value);
    let found = 0;
    for (const group of groups) {
      let any = false;
      for (const item of group.querySelectorAll("[data-words]")) {
        const ticked = item.querySelector("input").checked;
        item.hidden = !words.every((word) => item.dataset.words.includes(word)) && !ticked;
        if (!item.hidden) { any = true; found += 1; }
      }
      group.hidden = !any;
      group.open = any && (words.length > 0 || group.querySelector("input:checked") !== null);
    }
    status.textContent = words.length ? `${status.dataset.found} ${found}` : "";
  });
  // Enter in the search box searches; it does not send the whole form.
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
}
