// In a row of criteria only the fields of its kind are shown; without this file all are, and the server takes what counts.
"use strict";

const FIELDS_OF_KIND = {
  certification: ["stated", "by_year", "confirmed"], prefecture: ["prefectures"], distance: ["number", "place"],
  employees: ["number"], volume: ["number"], lead_time: ["number"],
};

for (const row of document.querySelectorAll("[data-row]")) {
  const kind = row.querySelector('select[name$="-kind"]');
  if (!kind || !row.querySelector(".field.stated")) continue; // a row of another table
  const show = () => {
    const wanted = FIELDS_OF_KIND[kind.value] ?? [];
    for (const name of ["stated", "by_year", "confirmed", "prefectures", "place", "number"]) {
      const field = row.querySelector(`.field.${name}`);
      field.hidden = !wanted.includes(name) && !field.classList.contains("field-invalid");
    }
  };
  kind.addEventListener("change", show);
  show();
}
