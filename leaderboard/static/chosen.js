// Rows that the reader ticks to compare: a bar that leads to the compare page.
"use strict";
xbench.chosen = (() => {
  if (!xbench.board) return null;
  const { rows, pageOn, model, recipe } = xbench.board;
  const { textOf } = xbench.tables;
  const { make } = xbench.page;
  const bar = document.getElementById("chosen");
  const words = document.getElementById("chosen-names");
  const link = document.getElementById("chosen-link");
  const picked = [];
  let seen = { shown: [], state: {} }; // the tasks that are shown, and what is asked
  function refresh(now = seen) {
    seen = now;
    const { shown, state } = seen;
    bar.hidden = !picked.length;
    const names = picked.map(({ cells }) => [textOf(cells[model]) || "", textOf(cells[recipe])].join(" "));
    const pair =
      picked.length > 1 ? picked : [rows.find(({ row }) => !row.hidden && row !== picked[0]?.row), ...picked];
    const group = shown.find((each) => pair.every((row) => row && !row.published && pageOn(row, each)));
    words.textContent = picked.length > 1 ? names.join(" and ") : `${names[0] ?? ""}: tick another row, or`;
    link.textContent = picked.length > 1 ? "Compare them" : "compare it with the first row";
    link.hidden = !group || pair.length < 2;
    if (!link.hidden) {
      const [a, b] = pair.map((row) => pageOn(row, group));
      link.href = `compare.html#${new URLSearchParams({ a, b, ...pairOf(state) })}`;
    }
    if (picked.length > 1 && link.hidden) words.textContent = `${names.join(" and ")} share no task that is shown`;
  }
  function pairOf({ query, documents }) {
    return {
      ...(query ? { query } : {}),
      ...(query || xbench.restricted.isCode(documents) ? { documents: documents ?? "other" } : {}),
    };
  }
  function pick(each, box) {
    if (box.checked) picked.push(each);
    else picked.splice(picked.indexOf(each), 1);
    if (picked.length > 2) picked.shift().box.checked = false;
    refresh();
  }
  for (const each of rows.filter(({ published }) => !published)) {
    const name = `${textOf(each.cells[model])} ${each.recipe}`;
    each.box = make("input", { type: "checkbox", "aria-label": `Compare ${name}`, title: "Compare" });
    each.box.onchange = () => pick(each, each.box);
    each.cells[model].prepend(each.box);
  }
  document.getElementById("chosen-none").onclick = () => {
    for (const each of picked.splice(0)) each.box.checked = false;
    refresh();
  };
  return { refresh };
})();
