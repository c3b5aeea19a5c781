// The first page's table as scripts use it: columns by key, the columns of each task, rows with what is asked of them.
"use strict";
xbench.board = (() => {
  const table = document.getElementById("overview");
  if (!table) return null;
  const { textOf, numberIn } = xbench.tables;

  // --- columns: each has its key, as it stands in the address; groups are the columns of one task
  const columns = [...table.tHead.querySelectorAll("th[data-key]")]
    .map((head) => ({
      head,
      place: Number(head.dataset.c),
      key: head.dataset.key,
      name: head.dataset.name,
      board: head.dataset.of ?? "",
      words: textOf(head),
    }))
    .sort((one, other) => one.place - other.place);
  const column = (key) => columns.find((each) => each.key === key);
  const groups = [...table.tHead.querySelectorAll("th[data-board]")].map((head) => {
    const own = columns.filter(({ board }) => board === head.dataset.board);
    const named = (name) => own.find((each) => each.name === name);
    return {
      head,
      board: head.dataset.board,
      means: head.dataset.means.split("|"),
      columns: own,
      named,
      rank: named("rank"),
      verdict: named("verdict"),
    };
  });
  const [model, recipe, corpus, size] = ["model", "recipe", "corpus", "size"].map((key) => column(key).place);

  // --- rows: their cells stand in the order of the columns
  const printed = table.querySelector("tbody.published");
  const rows = [...table.tBodies[0].rows, ...(printed?.rows ?? [])].map((row, place) => {
    const cells = [...row.cells];
    const link = cells[model].querySelector("a");
    return {
      row,
      cells,
      link,
      place,
      key: row.dataset.r,
      published: row.parentNode === printed,
      text: [model, recipe, corpus]
        .map((each) => cells[each].textContent)
        .join(" ")
        .toLowerCase(),
      recipe: textOf(cells[recipe]),
      size: numberIn(textOf(cells[size])),
      verdicts: Object.fromEntries(groups.map(({ board, verdict }) => [board, textOf(cells[verdict.place])])),
      first: link?.getAttribute("href"),
    };
  });
  // The name of a row's run on a task; null where it has none. The model leads to the first, a verdict to any other.
  function pageOn({ cells, first, verdicts }, group) {
    if (!verdicts[group.board]) return null;
    return (cells[group.verdict.place].querySelector("a")?.getAttribute("href") ?? first).replace(
      /^runs\/|\.html$/g,
      "",
    );
  }

  return { table, columns, column, groups, rows, printed, pageOn, model, recipe };
})();
