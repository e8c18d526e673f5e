// What was typed into <form data-keep> survives an expired session: it is kept in this tab while the form is on its way,
// put back when the same page comes again without it, and thrown away as soon as any other page of the site is shown.
"use strict";

{
  const form = document.querySelector("form[data-keep]");
  const place = "enishi-kept";
  const kept = JSON.parse(sessionStorage.getItem(place) ?? "null");
  sessionStorage.removeItem(place);

  if (form && kept && kept.path === location.pathname && !form.querySelector(".error-summary")) putBack(kept.values);

  form?.addEventListener("submit", () => {
    const values = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !form.elements[name]?.matches?.("[type=hidden]"));
    sessionStorage.setItem(place, JSON.stringify({ path: location.pathname, values }));
  });

  function putBack(values) {
    for (const box of form.querySelectorAll("input[type=checkbox], input[type=radio]")) box.checked = values.some(([name, value]) => name === box.name && value === box.value);
    for (const [name, value] of values) {
      const field = form.elements[name];
      if (field instanceof Element && !field.matches("[type=checkbox], [type=hidden]")) field.value = value;
    }
    const told = document.createElement("p");
    told.className = "notice";
    told.setAttribute("role", "status");
    told.textContent = form.dataset.kept;
    form.prepend(told);
  }
}
