// Sort any table by a click on a head. Pages are plain tables without this file.
"use strict";
xbench.tables = (() => {
  const { DASH, MINUS } = xbench.numbers;
  const collator = new Intl.Collator("en", { numeric: true });
  const BESIDE = ["SMALL", "I", "svg", "INPUT"]; // what stands small beside a value
  const UNITS = { k: 1e3, M: 1e6, B: 1e9 };
  const LOW_FIRST = /^(Rank|Gap|Pooling cost|Size|Dim\.)/;

  // A cell's own text, without what stands small beside it.
  const textOf = (cell) =>
    [...cell.childNodes]
      .filter((node) => !BESIDE.includes(node.nodeName))
      .map((node) => node.textContent)
      .join("")
      .replace(/\s+/g, " ")
      .trim();
  const plain = (text) => text.replaceAll(MINUS, "-").replaceAll(",", "");

  // The number in a text: 1,234.5, 22.7 M, or the best place of the rank 3–11; NaN where there is none.
  function numberIn(text) {
    const found = /^([-+]?[\d.]+(?:e[-+]?\d+)?)(?: ([kMB])|–\d+|[=†]*)$/.exec(plain(text));
    return found ? Number.parseFloat(found[1]) * (UNITS[found[2]] ?? 1) : Number.NaN;
  }
  const numberOf = (cell) => (cell.dataset.n ? Number(cell.dataset.n) : numberIn(textOf(cell)));

  // Rows in a new order, without hidden ones; beyond `limit` they wait outside the page, for a browser takes long to
  // lay out thousands of cells. How many wait.
  function arrange(body, rows, limit = Number.POSITIVE_INFINITY) {
    const fitting = rows.filter((row) => !row.hidden);
    body.replaceChildren(...fitting.slice(0, limit));
    return Math.max(0, fitting.length - limit);
  }

  function compared(one, other, numeric, direction) {
    const missing = (key) => (numeric ? Number.isNaN(key.number) : key.text === DASH || key.text === "");
    if (missing(one) || missing(other)) return missing(one) - missing(other);
    return direction * (numeric ? one.number - other.number : collator.compare(one.text, other.text));
  }
  function inOrder(rows, column, direction) {
    const keys = rows.map((row) => {
      const text = textOf(row.cells[column]);
      return { row, text, number: numberOf(row.cells[column]) };
    });
    const numeric = keys.some((key) => !Number.isNaN(key.number));
    return keys.sort((one, other) => compared(one, other, numeric, direction)).map((key) => key.row);
  }
  function mark(table, column, direction) {
    for (const head of table.querySelectorAll("th[data-c]")) {
      const here = Number(head.dataset.c) === column;
      const order = direction > 0 ? "ascending" : "descending";
      if (head.ariaSort !== (here ? order : "none")) head.ariaSort = here ? order : "none";
    }
  }
  function sort(table, column, direction) {
    for (const body of table.tBodies) {
      if (body.className !== "label") arrange(body, inOrder([...body.rows], column, direction));
    }
    mark(table, column, direction);
  }

  function sortable(table, changed = (column, direction) => sort(table, column, direction)) {
    for (const head of table.querySelectorAll("th[data-c]")) {
      const button = xbench.page.make("button", { type: "button" }, ...head.childNodes);
      head.append(button);
      head.ariaSort = "none";
      button.onclick = () => {
        const column = Number(head.dataset.c);
        const cells = [...table.tBodies].flatMap((body) => [...body.rows]).map((row) => row.cells[column]);
        const text = !cells.some((cell) => cell && !Number.isNaN(numberOf(cell)));
        const first = text || LOW_FIRST.test(textOf(button)) ? 1 : -1;
        changed(column, head.ariaSort === "none" ? first : head.ariaSort === "ascending" ? -1 : 1);
      };
    }
  }
  return { textOf, plain, numberIn, arrange, inOrder, mark, sortable };
})();

for (const table of document.querySelectorAll("table[data-sort]:not(#overview)")) xbench.tables.sortable(table);
