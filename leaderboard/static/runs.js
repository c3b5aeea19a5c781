// The task page shows the numbers of the row that the reader chooses: every cell says by data-k which of them it holds.
"use strict";
(() => {
  const chooser = document.querySelector("[data-chooser]");
  if (!chooser) return;
  const { root, make, recalled, remember } = xbench.page;
  const { percent, ranks, decimal, signed, shade } = xbench.numbers;
  const SHOWS = { percent, ranks, points: signed, ratio: decimal }; // by data-f, as cells.SHOWS names them
  const shown = document.getElementById("shown");
  const field = chooser.elements.run;

  function paintValue(cell, value) {
    cell.firstChild.textContent = SHOWS[cell.dataset.f](value);
    cell.querySelector("rect")?.setAttribute("width", 100 * Math.min(1, Math.max(0, value ?? 0)));
  }
  function paintShade(cell, value, found) {
    const share = cell.dataset.k.startsWith("share/"); // its ideal is the task's, and stays as it is
    const own = cell.classList.contains("own") ? " own" : "";
    cell.className = shade(value, share ? 2 * (found?.[1] ?? 0) : 1) + own;
    (cell.querySelector("a") ?? cell).firstChild.textContent = percent(value);
    const name = cell.dataset.k.replace(/^pairs\//, "");
    if (!share) cell.title = `${name}, n = ${found?.[1]?.toLocaleString("en-US") ?? 0}`;
  }
  async function paint() {
    const page = field.value;
    const data = await xbench.sums.row(page);
    if (page !== field.value) return;
    for (const cell of shown.querySelectorAll("[data-k]")) {
      const found = cell.dataset.k.split("/").reduce((value, key) => value?.[key], data);
      const value = Array.isArray(found) ? found[0] : (found ?? null);
      if (cell.dataset.f) paintValue(cell, value);
      else paintShade(cell, value, found);
    }
    const link = make("a", { href: `${root}runs/${data.id}.html` }, "its run page");
    document.getElementById("chosen").replaceChildren(`${data.label}, `, link);
  }
  function recall() {
    const page = recalled().get("run");
    if (!page || ![...field.options].some((option) => option.value === page)) return;
    field.value = page;
    paint();
  }
  field.onchange = () => {
    remember({ run: field.value });
    paint();
  };
  chooser.hidden = false;
  addEventListener("hashchange", recall);
  recall();
})();
