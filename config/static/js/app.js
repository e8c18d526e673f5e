// Small comforts on top of pages that work without this file. No inline handlers: the content policy forbids them.
"use strict";

// An error summary that has just appeared is read first.
function focusSummary(root) {
  const summary = root.querySelector("[data-focus]");
  if (summary) summary.focus();
}
document.addEventListener("DOMContentLoaded", () => focusSummary(document));
document.addEventListener("htmx:afterSwap", (event) => focusSummary(event.target));

// <form data-confirm="…"> or <button data-confirm="…"> asks before it is sent.
document.addEventListener("submit", (event) => {
  const text = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (text && !window.confirm(text)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

// A form is sent once: until the answer is there, its buttons look and act disabled but keep their focus. The server
// holds on its own that two equal forms make one row; this only spares people the second answer.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return; // htmx sends by itself and knows hx-sync
  if (form.dataset.sending) { event.preventDefault(); return; }
  form.dataset.sending = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
  setTimeout(() => sendAgain(form), 10000); // no answer: let people try again
});
function sendAgain(form) {
  delete form.dataset.sending;
  form.querySelector('[aria-disabled="true"]')?.removeAttribute("aria-disabled");
}
window.addEventListener("pageshow", () => { for (const form of document.forms) sendAgain(form); });

// <input type="checkbox" data-select-all="ids"> ticks every box named ids; [data-selected-count="ids"] shows how many.
function boxesNamed(name) {
  return [...document.querySelectorAll(`input[type="checkbox"][name="${CSS.escape(name)}"]`)];
}
function showSelection(name) {
  const boxes = boxesNamed(name);
  const ticked = boxes.filter((box) => box.checked).length;
  for (const all of document.querySelectorAll(`[data-select-all="${CSS.escape(name)}"]`)) {
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  }
  for (const count of document.querySelectorAll(`[data-selected-count="${CSS.escape(name)}"]`)) count.textContent = ticked;
}
document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.type !== "checkbox") return;
  if (box.dataset.selectAll) for (const other of boxesNamed(box.dataset.selectAll)) other.checked = box.checked;
  showSelection(box.dataset.selectAll ?? box.name);
});

// <details data-closes> closes on Escape and on a click elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-closes][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-closes][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// The filter sheet of a phone closes once its answer is there.
document.addEventListener("htmx:afterRequest", (event) => {
  const sheet = event.detail.elt.closest?.("[popover]");
  if (event.detail.successful && sheet?.matches(":popover-open")) sheet.hidePopover();
});

// New results are announced by their count: the eye sees them change, a screen reader would not.
document.addEventListener("htmx:afterSettle", () => {
  const count = document.querySelector(".result-count");
  const status = document.getElementById("status");
  if (count && status) status.textContent = count.textContent.trim();
});

// A fragment that failed says so; 409 and 422 are answers and are swapped in (see htmx-config).
function tell(kind) {
  const place = document.getElementById("request-error");
  place.textContent = place.dataset[kind];
  place.hidden = false;
  place.focus();
}
document.addEventListener("htmx:beforeRequest", () => { document.getElementById("request-error").hidden = true; });
document.addEventListener("htmx:responseError", (event) => tell(event.detail.xhr.status < 500 ? "refused" : "failed"));
document.addEventListener("htmx:sendError", () => tell("offline"));
document.addEventListener("htmx:timeout", () => tell("offline"));
