// The compare page joins two rows of a task: is the difference more than chance, of every mean and of every pair?
"use strict";
(() => {
  const form = document.getElementById("compare");
  const { make, recalled, remember } = xbench.page;
  const { DASH, percent, ranks, points, withSign, digitsFor, probability } = xbench.numbers;
  const choices = JSON.parse(document.getElementById("choices").textContent).map(([board, page, label, title]) => ({
    board,
    page,
    label,
    title,
  }));
  const status = document.getElementById("compare-status");
  const place = document.getElementById("compared");
  const { task: tasks, a, b, margin } = form.elements;
  const FEW_CLUSTERS = 30; // below, the reader is warned
  const POINT = 0.01;
  const STEPS = [0, 0.02, 0.05, 0.1, 0.2]; // the scale of differences, the same for any two rows
  const SMALL = 0.001; // a difference that one digit would show as nothing
  let asked = {}; // the language or pair that the reader came with

  const minus = (one, other) => (one === null || one === undefined || (other ?? null) === null ? null : one - other);
  const scoreOf = (data, name) =>
    (name.endsWith("-pool") ? data.languages[name.slice(0, -"-pool".length)]?.Mul : data.pairs[name]?.[0]) ?? null;

  // [{name, columns, difference}] with half the interval and the p that is corrected over all of them.
  function tested(settings, test) {
    const estimates = settings.map(({ name, columns, difference }) => test?.(name, columns, difference) ?? null);
    const p = statistics.holm(estimates.map((estimate) => estimate?.p ?? null));
    return settings.map((setting, number) => ({
      ...setting,
      estimate: estimates[number],
      half: estimates[number]?.half ?? null,
      p: p[number],
    }));
  }
  function macroSettings(one, other) {
    const pairs = Object.keys(one.pairs);
    const mono = new Set(one.queries.map((code) => `${code}-${code}`));
    const columns = {
      Mo: pairs.filter((name) => mono.has(name)),
      Cr: pairs.filter((name) => !mono.has(name)),
      Mul: one.queries.map((code) => `${code}-pool`),
    };
    return Object.entries(columns).map(([name, part]) => ({
      name,
      columns: part,
      difference: minus(one.values[name], other.values[name]),
    }));
  }
  const cellNames = (one) => one.queries.flatMap((query) => [...one.documents, "pool"].map((to) => `${query}-${to}`));
  const pairSettings = (one, other) =>
    cellNames(one).map((name) => ({
      name,
      columns: [name],
      difference: minus(scoreOf(one, name), scoreOf(other, name)),
    }));

  // --- in words
  const isFound = ({ p }) => p !== null && p < statistics.LEVEL;
  // The lead of the better side, with as many digits as its interval bears.
  function lead({ name, difference, half, p }) {
    const digits = digitsFor(half);
    const show = (value) => points(value, digits);
    const size = Math.abs(difference);
    const range = `95 % interval ${show(size - half)} to ${show(size + half)}, p ${probability(p)}`;
    return { ahead: difference > 0 ? "A" : "B", behind: difference > 0 ? "B" : "A", by: show(size), name, range };
  }
  function verdict(cell) {
    const { name, difference, half } = cell;
    if (difference === null) return `${name} is not scored in both.`;
    if (half === null) {
      const [side, by] = [difference > 0 ? "A" : "B", points(Math.abs(difference), 1)];
      return difference === 0
        ? `${name}: the same in both; untested.`
        : `${name}: ${side} is ahead by ${by} points; untested.`;
    }
    const { ahead, behind, by, range } = lead(cell);
    if (isFound(cell)) return `${ahead} is better than ${behind} by ${by} points of ${name} (${range}).`;
    if (difference === 0) return `A and B are not found different: they have the same ${name}.`;
    return `A and B are not found different in ${name}: ${ahead} is ahead by ${by} points (${range}).`;
  }
  // Beyond "not found": whether the data show that the two are within the margin of each other, or the lead beyond it.
  function claim(cell, size) {
    if (!cell.estimate) return "";
    const count = Number((size / POINT).toPrecision(3));
    const by = `${count} ${count === 1 ? "point" : "points"}`;
    const { estimate, difference } = cell;
    if (isFound(cell)) {
      const p = statistics.above({ ...estimate, value: Math.abs(difference) }, size);
      return `That the lead is more than ${by} is ${p < statistics.LEVEL ? "" : "not "}shown (p ${probability(p)}).`;
    }
    const p = statistics.within(estimate, size);
    const within = `within ${by} of each other (p ${probability(p)})`;
    if (p < statistics.LEVEL) return `They are shown to be ${within}.`;
    return `Nor is it shown that they are ${within}: no difference is found, which does not show that there is none.`;
  }
  function cautions(one, other, test) {
    if (!test) return "No tests: one of them has no values per question here, or they score different questions.";
    const sides = [
      ["A", one],
      ["B", other],
    ];
    const single = sides.filter(([, row]) => row.freedom === 0).map(([side]) => side);
    const seeds = single.length
      ? `One seed of ${single.join(" and ")}: tested as that encoder, not as its recipe. `
      : "";
    const few = `Fewer than ${FEW_CLUSTERS} clusters of questions: the test takes their means to be normal.`;
    const means = " No tests of pairs: the sums that they need travel with the first rows of each task alone.";
    return seeds + (test.clusters < FEW_CLUSTERS ? few : "") + (test.pairs ? "" : means);
  }

  // --- tables
  const row = (name, ...texts) =>
    make("tr", {}, make("th", { scope: "row" }, name), ...texts.map((text) => make("td", { class: "n" }, text)));
  const headOf = (...texts) =>
    texts.map((text, number) => make("th", { scope: "col", ...(number ? { class: "n" } : {}) }, text));
  function macroRow({ name, difference, half, p }, one, other) {
    const digits = digitsFor(half);
    const interval = half === null ? DASH : `± ${points(half, digits)}`;
    const sure = p === null ? DASH : probability(p) + (p < statistics.LEVEL ? " *" : "");
    const texts = [percent(one.values[name]), percent(other.values[name]), withSign(points(difference, digits))];
    return row(name, ...texts, interval, sure);
  }
  function macroTable(found, one, other) {
    const plain = (name, show, key) => {
      const texts = [one.values[key], other.values[key]].map(show);
      return row(name, ...texts, withSign(show(minus(one.values[key], other.values[key]))), "", "");
    };
    const body = make(
      "tbody",
      {},
      ...found.map((cell) => macroRow(cell, one, other)),
      plain("Gap, points", percent, "gap"),
      plain("Rank distance, lower is better", ranks, "distance"),
    );
    const head = make("tr", {}, ...headOf("Mean", "A", "B", "A − B", "95 % interval (t)", "p (Holm)"));
    return make("table", { class: "fit" }, make("thead", {}, head), body);
  }
  // Grey where nothing is found; else by size, on one scale for all.
  function shadeOf(cell) {
    if (cell.difference === null) return "hx";
    if (!isFound(cell)) return "ns";
    const step = STEPS.filter((bound) => Math.abs(cell.difference) > bound).length;
    return `${cell.difference > 0 ? "p" : "m"}${Math.max(1, step)}`;
  }
  const languages = new Intl.DisplayNames("en", { type: "language", fallback: "none" });
  const languageMark = (code) => (code === "pool" ? code : make("abbr", { title: languages.of(code) ?? code }, code));
  function heatCell(cell, own) {
    const { name, difference, half, p } = cell;
    const digits = digitsFor(half);
    const sure = isFound(cell);
    const interval = half === null ? ", untested" : ` ± ${points(half, digits)}, p ${probability(p)}`;
    const text = withSign(points(difference, sure && Math.abs(difference) < SMALL ? digits : 1));
    const shade = `${shadeOf(cell)}${sure ? " sure" : ""}${own ? " own" : ""}`;
    const title = `${name}: ${withSign(points(difference, digits))}${interval}`;
    return make("td", { class: shade, title, "data-k": name }, text + (sure ? "*" : ""));
  }
  function heatTable(found, one) {
    const documents = [...one.documents, "pool"];
    const cells = new Map(found.map((cell) => [cell.name, cell]));
    const lines = one.queries.map((query) => {
      const own = documents.map((to) => heatCell(cells.get(`${query}-${to}`), query === to));
      return make("tr", {}, make("th", { scope: "row" }, languageMark(query)), ...own);
    });
    const head = make(
      "tr",
      {},
      ...["Query", ...documents.map(languageMark)].map((mark) => make("th", { scope: "col" }, mark)),
    );
    const words =
      `A − B in points of ${one.metric}: query language down, document language across; the last column is the pool ` +
      "of all languages. Petrol and *: A is better; rust and *: B is; grey: not found different (5 %, Holm over all " +
      "cells). " +
      `Shades, the same for any two rows: up to ${STEPS.slice(1)
        .map((bound) => points(bound, 0))
        .join(", ")} points, and more.`;
    const caption = make("caption", {}, words);
    return make(
      "table",
      { class: "heat", id: "differences" },
      caption,
      make("thead", {}, head),
      make("tbody", {}, ...lines),
    );
  }
  const region = (name, table) => [
    make("h2", {}, name),
    make("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": name }, table),
  ];

  // --- what the reader came with: a pair, the pool, or a language's mean over the others
  function askedSetting(one, other) {
    const { query, documents } = asked;
    if (!query && !documents) return null;
    const across = Object.keys(one.pairs).filter((name) => !one.queries.some((code) => name === `${code}-${code}`));
    const others = {
      [`${query}-other`]: across.filter((name) => one.documents.some((to) => name === `${query}-${to}`)),
      [`any-${documents}`]: across.filter((name) => one.queries.some((from) => name === `${from}-${documents}`)),
    };
    const name = `${query || "any"}-${documents || "other"}`;
    const columns = others[name]?.length ? others[name] : [name];
    const mean = (row) => {
      const values = columns.map((column) => scoreOf(row, column));
      return values.includes(null) ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    const difference = minus(mean(one), mean(other));
    return difference === null ? null : { name, columns, difference };
  }

  async function compare() {
    const size = Number(margin.value) > 0 ? Number(margin.value) * POINT : POINT;
    remember({ a: a.value, b: b.value, ...(size === POINT ? {} : { margin: margin.value }), ...asked });
    const [one, other] = await Promise.all([a, b].map((field) => xbench.sums.row(field.value)));
    const test = await xbench.sums.tester(one, other);
    if (one.id !== a.value || other.id !== b.value) return;
    const macros = tested(macroSettings(one, other), test);
    const pairs = tested(pairSettings(one, other), test);
    const setting = askedSetting(one, other);
    const here = setting && (pairs.find(({ name }) => name === setting.name) ?? tested([setting], test)[0]);
    const ranked = macros.find(({ name }) => name === one.ranked);
    status.replaceChildren(
      ...[here, ranked].filter(Boolean).flatMap((cell) => [make("b", {}, verdict(cell)), " ", claim(cell, size), " "]),
      `A: ${one.label}. B: ${other.label}. ${cautions(one, other, test)}`,
    );
    const sums = [...region("Means", macroTable(macros, one, other)), ...region("Every pair", heatTable(pairs, one))];
    place.replaceChildren(...sums);
  }

  // --- the fields
  function fill(task, first, second) {
    const here = choices.filter(({ board }) => board === task);
    const has = (page) => here.some((choice) => choice.page === page);
    for (const field of [a, b]) {
      field.replaceChildren(...here.map(({ page, label }) => make("option", { value: page }, label)));
    }
    a.value = has(first) ? first : here[0].page;
    const others = here.filter(({ page }) => page !== a.value);
    b.value = has(second) ? second : (others[0] ?? here[0]).page;
    tasks.value = task;
    return compare();
  }
  function recall() {
    const state = recalled();
    const [first, second] = [state.get("a"), state.get("b")];
    const found = choices.find(({ page }) => page === first) ?? choices.find(({ page }) => page === second);
    asked = Object.fromEntries(
      ["query", "documents"].filter((name) => state.get(name)).map((name) => [name, state.get(name)]),
    );
    margin.value = Number(state.get("margin")) > 0 ? state.get("margin") : 1;
    return fill((found ?? choices[0]).board, first, second);
  }
  const boards = new Map(choices.map(({ board, title }) => [board, title]));
  tasks.append(...[...boards].map(([board, title]) => make("option", { value: board }, title)));
  tasks.onchange = () => {
    asked = {};
    fill(tasks.value);
  };
  for (const field of [a, b, margin]) field.onchange = compare;
  document.getElementById("swap").onclick = () => fill(tasks.value, b.value, a.value);
  form.onsubmit = (event) => event.preventDefault();
  form.hidden = false;
  addEventListener("hashchange", recall);
  recall();
})();
