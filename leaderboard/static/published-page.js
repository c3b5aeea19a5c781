// The page of published runs: its rows found, filtered, sorted, ranked by one language or pair; any row's pairs.
"use strict";
(() => {
  const form = document.getElementById("published-question");
  if (!form) return;
  const { DASH, percent, shade } = xbench.numbers;
  const { make, recalled, remember } = xbench.page;
  const { arrange, inOrder, mark, sortable, numberIn, textOf } = xbench.tables;
  const { read, scoreOf } = xbench.published;
  const fields = form.elements;
  const name = form.dataset.task;
  const status = document.getElementById("published-status");
  const map = document.getElementById("published-pairs");
  const PAUSE = 40; // milliseconds without a key before what is typed is looked for
  const MILLION = 1e6;
  const FIRST = "0-0"; // the row whose pairs the page was made with

  const tables = [...document.querySelectorAll("table[data-source]")].map((table) => {
    const heads = [...table.tHead.querySelectorAll("th")];
    const column = (key) => heads.findIndex((head) => head.dataset.key === key);
    const [asked, size, model, rank] = ["asked", "size", "model", "rank"].map(column);
    const rows = [...table.tBodies[0].rows].map((row) => ({
      row,
      place: Number(row.dataset.i),
      model: textOf(row.cells[model]),
      text: row.cells[model].textContent.toLowerCase(),
      size: numberIn(textOf(row.cells[size])),
      rank: row.cells[rank].innerHTML,
      whole: !/\D/.test(textOf(row.cells[rank])),
    }));
    return { table, source: Number(table.dataset.source), head: heads[asked], asked, rank, rows, order: null };
  });

  // What is asked; null where it is nothing but the task.
  function settingOf({ query, documents }, ranked) {
    if (!query && !documents) return null;
    const wanted = documents || (ranked === "same" ? "same" : "other");
    return [query || "any", wanted === "same" && query ? query : wanted];
  }
  function rankIn(scores, score) {
    return 1 + scores.filter((other) => other !== null && other > score).length;
  }
  function showAsked(each, board, setting) {
    const { head, asked, rank, rows, source, table } = each;
    head.hidden = !setting;
    const scores = rows.map(({ place }) => setting && scoreOf(board, board.sources[source].rows[place], setting));
    if (setting) head.querySelector("button").textContent = setting.join(" → ");
    rows.forEach(({ row, rank: original }, place) => {
      const score = scores[place];
      const cell = row.cells[asked];
      cell.hidden = !setting;
      if (!setting) {
        row.cells[rank].innerHTML = original;
        return;
      }
      cell.textContent = percent(score);
      cell.dataset.n = score === null ? "" : score * board.steps;
      row.cells[rank].textContent = score === null ? DASH : rankIn(scores, score);
    });
    each.known = scores.map((score) => !setting || score !== null);
    each.order = setting ? [asked, -1] : null;
    mark(table, ...(each.order ?? [-1, 1]));
  }
  function filter(each, state) {
    const words = (state.find ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    each.rows.forEach((one, place) => {
      one.row.hidden =
        !each.known[place] ||
        !words.every((word) => one.text.includes(word)) ||
        (state.size && !(one.size <= state.size * MILLION)) ||
        (state.whole && !one.whole);
    });
  }
  function draw({ table, rows, order }) {
    const every = rows.map(({ row }) => row);
    arrange(table.tBodies[0], order ? inOrder(every, ...order) : every);
  }
  function say(setting) {
    const counts = tables.map(({ rows }) => rows.filter(({ row }) => !row.hidden).length);
    const all = tables.reduce((sum, { rows }) => sum + rows.length, 0);
    const by = setting ? `, ranked by ${setting.join(" → ")} among all models that have it` : "";
    status.textContent = `${counts.reduce((sum, count) => sum + count, 0)} of ${all} rows${by}`;
  }

  const stateOf = () => Object.fromEntries([...new FormData(form)].filter(([, value]) => value && value !== FIRST));
  let view = "";
  let turns = 0;
  async function apply() {
    const state = stateOf();
    const setting = settingOf(state, form.dataset.ranked);
    const turn = ++turns;
    const wanted = JSON.stringify(setting);
    if (wanted !== view) {
      const board = setting ? await read(name) : null;
      if (turn !== turns) return;
      view = wanted;
      for (const each of tables) showAsked(each, board, setting);
    }
    for (const each of tables) {
      filter(each, state);
      draw(each);
    }
    say(setting);
    if (Object.keys(state).length || !isAnchor()) remember(state);
  }

  // --- the pairs of any row
  async function paint() {
    const chosen = fields.row.value;
    const board = await read(name);
    if (fields.row.value !== chosen) return;
    const [source, place] = (chosen || FIRST).split("-").map(Number);
    const row = board.sources[source].rows[place];
    for (const cell of map.querySelectorAll("[data-s]")) {
      const value = scoreOf(board, row, cell.dataset.s.split(" "));
      cell.className = shade(value) + (cell.classList.contains("own") ? " own" : "");
      cell.textContent = percent(value);
    }
    const shown = row.address ? make("a", { href: row.address, rel: "noreferrer" }, row.model) : row.model;
    document.getElementById("published-chosen").replaceChildren(shown);
  }
  function fillRows() {
    const options = tables.flatMap(({ source, rows }) =>
      rows.map(({ place, model }) => make("option", { value: `${source}-${place}` }, model)),
    );
    fields.row.replaceChildren(...options);
  }
  // A hash that names a place of the page, and no state.
  const isAnchor = () => location.hash.length > 1 && !location.hash.includes("=");
  async function recall() {
    if (isAnchor()) return;
    const state = recalled();
    for (const field of fields) {
      if (!field.name) continue;
      if (field.type === "checkbox") field.checked = state.has(field.name);
      else field.value = state.get(field.name) ?? (field.name === "row" ? FIRST : "");
      if (field.selectedIndex === -1) field.selectedIndex = 0;
    }
    await apply();
    if (fields.row.value !== FIRST) paint();
  }

  for (const each of tables) {
    each.known = each.rows.map(() => true);
    sortable(each.table, (column, direction) => {
      each.order = [column, direction];
      draw(each);
      mark(each.table, column, direction);
    });
  }
  let pause = 0;
  for (const field of fields) {
    if (!field.name) continue;
    field.oninput = () => {
      clearTimeout(pause);
      if (field.type === "search") pause = setTimeout(apply, PAUSE);
      else apply();
      if (field.name === "row") paint();
    };
  }
  form.onsubmit = (event) => event.preventDefault();
  form.onreset = () =>
    setTimeout(() => {
      apply();
      paint();
    });
  fillRows();
  for (const part of document.querySelectorAll("[data-script]")) part.hidden = false;
  addEventListener("hashchange", recall);
  if (isAnchor()) apply();
  recall();
})();
