// The task page shows the numbers of the row that the reader chooses: cells say by data-k which of them they hold.
"use strict";
(() => {
  const chooser = document.querySelector("[data-chooser]");
  if (!chooser) return;
  const { root, make, recalled, remember } = xbench.page;
  const { percent, ranks, decimal, signed, shade } = xbench.numbers;
  const SHOWS = { percent, ranks, points: signed, ratio: decimal }; // by data-f, as cells.SHOWS names them
  const shown = document.getElementById("shown");
  const field = chooser.elements.run;
  const map = shown.querySelector("[data-heat]");
  const framed = "framed" in map.dataset; // the diagonal has no shade
  const STEP = 0.05; // a scale of shades ends at multiples of it, 20 to 1, and spans 2 at least: xbench/board/heat.py
  const STEPS = 20;
  const FEWEST = 2;
  const EXACT = 1e-9;

  function paintValue(cell, value) {
    cell.firstChild.textContent = SHOWS[cell.dataset.f](value);
    cell.querySelector("rect")?.setAttribute("width", `${100 * Math.min(1, Math.max(0, value ?? 0))}%`);
  }
  const at = (data, cell) => cell.dataset.k.split("/").reduce((value, key) => value?.[key], data);
  // What the shades of a row's pairs span, in steps.
  function scaleOf(data) {
    const cells = [...map.querySelectorAll("[data-k]")].filter((cell) => !framed || !cell.classList.contains("own"));
    const values = cells.map((cell) => at(data, cell)?.[0] ?? null).filter((value) => value !== null);
    if (!values.length) return [0, STEPS];
    const low = Math.floor(Math.min(...values) / STEP + EXACT);
    const high = Math.max(Math.ceil(Math.max(...values) / STEP - EXACT), low + FEWEST);
    const beyond = Math.max(0, high - STEPS);
    return [low - beyond, high - beyond];
  }
  function shadeOf(cell, value, [low, high]) {
    if (framed && cell.classList.contains("own")) return "";
    return shade(value === null ? null : Math.max(0, value - low * STEP), (high - low) * STEP);
  }
  function paintShade(cell, value, found, scale) {
    const share = cell.dataset.k.startsWith("share/"); // its ideal is the task's, and stays as it is
    const own = cell.classList.contains("own") ? " own" : "";
    const depth = share ? shade(value, 2 * (found?.[1] ?? 0)) : shadeOf(cell, value, scale);
    cell.className = `${depth}${own}`.trim();
    (cell.querySelector("a") ?? cell).firstChild.textContent = percent(value);
    const name = cell.dataset.k.replace(/^pairs\//, "");
    if (!share) cell.title = `${name}, n = ${found?.[1]?.toLocaleString("en-US") ?? 0}`;
  }
  async function paint() {
    const page = field.value;
    const data = await xbench.sums.row(page);
    if (page !== field.value) return;
    const scale = scaleOf(data);
    map.querySelector("[data-end=low]").textContent = Math.round(100 * STEP * scale[0]);
    map.querySelector("[data-end=high]").textContent = Math.round(100 * STEP * scale[1]);
    for (const cell of shown.querySelectorAll("[data-k]")) {
      const found = at(data, cell);
      const value = Array.isArray(found) ? found[0] : (found ?? null);
      if (cell.dataset.f) paintValue(cell, value);
      else paintShade(cell, value, found, scale);
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
