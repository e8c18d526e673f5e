// The queue by keyboard, and what colleagues decided meanwhile. Everything here can be done with the page's forms too.
"use strict";

const OFF = "enishi-keys-off";
const POLL = 30_000;
const rowsOf = () => [...document.querySelectorAll("#results tr[data-row]")];
const say = (text) => { document.getElementById("status").textContent = text; };
const dialogOf = (name) => document.getElementById(`keys-${name}`);
const keysAreOff = () => localStorage.getItem(OFF) === "1";

function currentRow() {
  return document.activeElement?.closest("#results tr[data-row]");
}
function goTo(row) {
  const link = row?.querySelector(".title-link");
  if (!link) return;
  link.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}
function move(step) {
  const rows = rowsOf();
  const at = rows.indexOf(currentRow());
  goTo(at < 0 ? rows[0] : rows[at + step]);
}
// The next row on which nothing was decided yet, below first; the decided one stays where it is.
function nextOpen(row) {
  const rows = rowsOf();
  const at = rows.indexOf(row);
  const open = (one) => !one.classList.contains("decided");
  return rows.slice(at + 1).find(open) ?? rows.slice(0, at).find(open);
}

function replaced(row, html) {
  const place = document.createElement("template");
  place.innerHTML = html.trim();
  return put(place.content.querySelector("tr"), row);
}
function put(fresh, row) {
  fresh.querySelector(".title-link").href = row.querySelector(".title-link").href; // it carries the filter
  row.replaceWith(fresh);
  return fresh;
}

// Takes the step; answers the row to go to, or what is wrong with what was typed.
async function decide(row, step, fields) {
  const url = new URL(row.querySelector(".title-link").href);
  url.pathname += `${step}/`;
  const form = document.getElementById("results");
  const body = new URLSearchParams({ seen: row.dataset.state, ...fields });
  row.setAttribute("aria-busy", "true");
  let answer;
  try {
    answer = await fetch(url, {
      method: "POST", body,
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, "HX-Request": "true", "HX-Target": row.id },
    });
  } catch {
    tell("offline");
    return {};
  } finally {
    row.removeAttribute("aria-busy");
  }
  if (answer.headers.get("HX-Redirect")) location.assign(answer.headers.get("HX-Redirect"));
  else if (answer.ok || answer.status === 409) {
    const fresh = replaced(row, await answer.text());
    say(fresh.dataset.told);
    return { next: fresh.classList.contains("decided") ? nextOpen(fresh) ?? fresh : fresh };
  } else if (answer.status === 422) return { wrong: await answer.text() };
  else tell(answer.status < 500 ? "refused" : "failed");
  return {};
}
async function decideAtOnce(row, step, fields) {
  const { next, wrong } = await decide(row, step, fields);
  if (wrong) say(wrong);
  goTo(next);
}

function ask(row, step) {
  const dialog = dialogOf(step);
  const form = dialog.querySelector("form");
  const problem = dialog.querySelector(".field-error");
  form.reset();
  problem.hidden = true;
  dialog.querySelector("[data-of]").textContent = row.dataset.name;
  dialog.onclose = () => goTo(document.getElementById(row.id));
  form.onsubmit = async (event) => {
    event.preventDefault();
    const { next, wrong } = await decide(row, step, Object.fromEntries(new FormData(form)));
    problem.hidden = !wrong;
    problem.textContent = wrong ?? "";
    if (wrong) return;
    dialog.onclose = () => goTo(next);
    dialog.close();
  };
  dialog.showModal();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  s: (row) => ask(row, "shortlist"),
  r: (row) => ask(row, "reject"),
  n: (row) => ask(row, "note"),
  h: (row) => decideAtOnce(row, "hold", {}),
  a: (row) => decideAtOnce(row, "assign", { assignee: document.getElementById("results").dataset.me }),
  x: (row) => row.querySelector("input[name=ids]")?.click(),
};
const LETTER = /^[a-z?]$/;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !LETTER.test(event.key)) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
  if (document.querySelector("dialog[open]") || keysAreOff()) return;
  if (event.key === "?") {
    event.preventDefault();
    dialogOf("help").showModal();
    return;
  }
  if (!document.getElementById("results")) {
    onProposalPage(event);
    return;
  }
  const row = currentRow();
  if (KEYS[event.key] && (row || KEYS[event.key].length === 0)) {
    event.preventDefault();
    KEYS[event.key](row);
  }
});

// In a dialog a digit chooses the reason of that number.
document.addEventListener("keydown", (event) => {
  const dialog = event.target.closest("dialog[open]");
  if (!dialog || !/^[1-9]$/.test(event.key) || event.target.matches("input[type=text], textarea")) return;
  const choice = dialog.querySelectorAll("input[type=radio]")[Number(event.key) - 1];
  if (!choice) return;
  event.preventDefault();
  choice.checked = true;
  choice.focus();
});

// One proposal: j and k turn the page, the letter of a step opens its form.
const STEP_KEYS = { s: "shortlist", r: "reject", h: "hold", a: "assign", n: "note" };
function onProposalPage(event) {
  const link = { j: "a[rel=next]", k: "a[rel=prev]" }[event.key];
  const form = STEP_KEYS[event.key] && document.querySelector(`form[data-step="${STEP_KEYS[event.key]}"]`);
  if (link) document.querySelector(link)?.click();
  else if (form) {
    form.closest("details").open = true;
    form.querySelector("select, textarea, button").focus();
  } else return;
  event.preventDefault();
}

// The switch: whoever steers by voice or types by accident turns the letters off, on this device.
document.addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll("[data-keys-switch]")) {
    box.checked = !keysAreOff();
    box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "0" : "1"));
  }
  for (const button of document.querySelectorAll("[data-keys-help]")) {
    button.hidden = false;
    button.addEventListener("click", () => dialogOf("help").showModal());
  }
  for (const button of document.querySelectorAll("dialog [data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
});

// What colleagues decided meanwhile is shown in its row: when the window comes back, and every half minute.
let asking = false;
async function refresh() {
  const rows = rowsOf().filter((row) => !row.classList.contains("decided"));
  const url = document.getElementById("results")?.dataset.changes;
  if (!url || !rows.length || asking || document.hidden) return;
  asking = true;
  try {
    const ids = new URLSearchParams(rows.map((row) => ["ids", `${row.dataset.row}:${row.dataset.state}`]));
    const answer = await fetch(`${url}?${ids}`, { headers: { "HX-Request": "true" } });
    if (answer.status !== 200 || document.querySelector("dialog[open]")) return;
    const place = document.createElement("template");
    place.innerHTML = await answer.text();
    for (const fresh of place.content.querySelectorAll("tr")) {
      const old = document.getElementById(fresh.id);
      const had = old === currentRow();
      if (old) put(fresh, old);
      if (!had) continue;
      goTo(fresh);
      say(fresh.dataset.told);
    }
  } catch {
    return; // away for a moment: the next step says so
  } finally {
    asking = false;
  }
}
document.addEventListener("visibilitychange", refresh);
window.addEventListener("focus", refresh);
setInterval(refresh, POLL);
