// Rows that the reader chooses: the task page shows another row's numbers, the compare page joins two.
"use strict";
(() => {
  const { shows, shade, root, DASH } = xbench;
  const make = (tag, attributes = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...inside);
    return element;
  };
  const state = () => new URLSearchParams(location.hash.slice(1));
  const remember = (values) => history.replaceState(null, "", `#${new URLSearchParams(values)}`);

  // --- the task page: every cell says by data-k which of the row's numbers it shows
  const chooser = document.querySelector("[data-chooser]");
  if (chooser) {
    const shown = document.getElementById("shown"), field = chooser.elements.run;
    const paint = async () => {
      const data = await rows.row(field.value);
      for (const cell of shown.querySelectorAll("[data-k]")) {
        const found = cell.dataset.k.split("/").reduce((value, key) => value?.[key], data);
        const value = Array.isArray(found) ? found[0] : found ?? null;
        if (cell.dataset.f) {
          cell.firstChild.textContent = shows[cell.dataset.f](value);
          cell.querySelector("rect")?.setAttribute("width", 100 * Math.min(1, Math.max(0, value ?? 0)));
        } else {
          const share = cell.dataset.k.startsWith("share/"); // its ideal is the task's, and stays as it is
          cell.className = shade(value, share ? 2 * (found?.[1] ?? 0) : 1) + (cell.classList.contains("own") ? " own" : "");
          (cell.querySelector("a") ?? cell).firstChild.textContent = shows.percent(value);
          if (!share) cell.title = `${cell.dataset.k.slice(6)}, n = ${found?.[1]?.toLocaleString("en-US") ?? 0}`;
        }
      }
      document.getElementById("chosen").replaceChildren(`${data.label}, `, make("a", { href: `${root}runs/${data.id}.html` }, "its run page"));
    };
    const recall = () => { const page = state().get("run"); if (page && [...field.options].some((option) => option.value === page)) { field.value = page; paint(); } };
    field.onchange = () => { remember({ run: field.value }); paint(); };
    chooser.hidden = false;
    addEventListener("hashchange", recall);
    recall();
  }

  // --- the compare page
  const form = document.getElementById("compare");
  if (!form) return;
  const choices = JSON.parse(document.getElementById("choices").textContent);
  const status = document.getElementById("compare-status"), place = document.getElementById("compared");
  const find = (data, name) => (name.endsWith("-pool") ? data.languages[name.slice(0, -5)]?.Mul : data.pairs[name]?.[0]) ?? null;
  const minus = (a, b) => (a === null || a === undefined || b === null || b === undefined ? null : a - b);
  const tested = (settings, test) => { // [{name, columns, difference}] with the test's half interval and corrected p
    const tests = settings.map(({ name, columns, difference }) => (test ? test(name, columns, difference) : null));
    const p = statistics.holm(tests.map((found) => found?.p ?? null));
    return settings.map((setting, n) => ({ ...setting, half: tests[n]?.half ?? null, p: p[n] }));
  };
  function step(value, largest) { return value === null ? "hx" : !value || !largest ? "" : `${value > 0 ? "p" : "m"}${Math.min(5, Math.ceil((5 * Math.abs(value)) / largest))}`; }

  function macros(one, other, test) {
    const queries = one.queries, pairs = Object.keys(one.pairs), mono = new Set(queries.map((code) => `${code}-${code}`));
    const columns = { Mo: pairs.filter((name) => mono.has(name)), Cr: pairs.filter((name) => !mono.has(name)), Mul: queries.map((code) => `${code}-pool`) };
    const found = tested(Object.entries(columns).map(([name, part]) => ({ name, columns: part, difference: minus(one.values[name], other.values[name]) })), test);
    const line = (name, a, b, show, signed, extra = ["", ""]) => make("tr", {}, make("th", { scope: "row" }, name), ...[show(a), show(b), signed(minus(a, b)), ...extra].map((text) => make("td", { class: "n" }, text)));
    const body = make("tbody", {}, ...found.map(({ name, half, p }) => line(name, one.values[name], other.values[name], shows.percent, shows.points,
      half === null ? [DASH, DASH] : [`± ${shows.percent(half)}`, `${probability(p)}${p < 0.05 ? " *" : ""}`])),
      line("Gap, points", one.values.gap, other.values.gap, shows.percent, shows.points), line("Rank distance, lower is better", one.values.distance, other.values.distance, shows.ranks, shows.ranks));
    const head = make("tr", {}, ...["Mean", "A", "B", "A − B", "95 % interval (t)", "p (Holm)"].map((text, n) => make("th", { scope: "col", class: n ? "n" : "" }, text)));
    return [answer(found.find(({ name, difference }) => name === one.ranked && difference !== null)), make("table", { class: "fit" }, make("thead", {}, head), body)];
  }
  const probability = (p) => (p < 0.001 ? "< 0.001" : p.toFixed(3));
  function answer(cell) { // the ranked mean, in words
    if (!cell) return "The mean that this task is ranked by is not scored in both.";
    const { name, difference, half, p } = cell, side = difference > 0 ? "A" : "B", by = `${shows.percent(Math.abs(difference))} points of ${name}`;
    if (half === null) return `${side} is ahead by ${by}; untested.`;
    const range = `95 % interval ${shows.points(difference - half)} to ${shows.points(difference + half)}, p ${probability(p)}`;
    return p < 0.05 ? `${side === "A" ? "Yes" : "No"}: ${side} is better by ${by} (${range}).` : `Not shown: A and B differ by ${by} (${range}). No difference is found, which does not show that they are the same.`;
  }
  function heat(one, other, test) {
    const documents = [...one.documents, "pool"];
    const names = one.queries.flatMap((query) => documents.map((document) => `${query}-${document}`));
    const cells = new Map(tested(names.map((name) => ({ name, columns: [name], difference: minus(find(one, name), find(other, name)) })), test).map((cell) => [cell.name, cell]));
    const largest = Math.max(...[...cells.values()].map((cell) => Math.abs(cell.difference ?? 0)));
    const rows = one.queries.map((query) => make("tr", {}, make("th", { scope: "row" }, named(query)), ...documents.map((document) => {
      const { difference, half, p } = cells.get(`${query}-${document}`), sure = p !== null && p < 0.05;
      const title = `${query}-${document}: ${shows.points(difference)}${half === null ? "" : ` ± ${shows.percent(half)}, p ${probability(p)}`}`;
      return make("td", { class: `${step(difference, largest)}${sure ? " sure" : ""}${query === document ? " own" : ""}`, title, "data-k": `${query}-${document}` }, shows.points(difference) + (sure ? "*" : ""));
    })));
    const head = make("tr", {}, make("th", { scope: "col" }, "Query"), ...documents.map((document) => make("th", { scope: "col" }, named(document))));
    const caption = make("caption", {}, `A − B in points of ${one.metric}: query language down, document language across; the last column is the pool of all languages. Petrol: A is better; rust: B is. * and bold: p < .05 after Holm’s correction over all cells.`);
    return make("table", { class: "heat", id: "differences" }, caption, make("thead", {}, head), make("tbody", {}, ...rows));
  }
  const called = new Intl.DisplayNames("en", { type: "language", fallback: "none" });
  const named = (code) => (code === "pool" ? code : make("abbr", { title: called.of(code) ?? code }, code));
  const region = (name, table) => [make("h2", {}, name), make("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": name }, table)];

  function cautions(one, other, test) { // what a reader must know of the test
    const single = [["A", one], ["B", other]].filter(([, row]) => row.freedom === 0).map(([side]) => side).join(" and ");
    return (single ? ` One seed of ${single}: tested as that encoder, not as its recipe.` : "")
      + (test.clusters < 30 ? " Fewer than 30 clusters of questions: the test takes their means for normally distributed." : "")
      + (test.pairs ? "" : " No marks at pairs: the sums by pair travel with the first rows of each task alone.");
  }
  async function compare() {
    const { a, b } = form.elements;
    remember({ a: a.value, b: b.value });
    const [one, other] = await Promise.all([a, b].map((field) => rows.row(field.value)));
    const test = await rows.tester(one, other);
    if (one.id !== a.value || other.id !== b.value) return;
    const [words, means] = macros(one, other, test);
    status.replaceChildren(make("b", {}, words), `A: ${one.label}. B: ${other.label}.${test ? cautions(one, other, test) : " No marks: one of them has no per-question data, or they score different questions."}`);
    place.replaceChildren(...region("Means", means), ...region("Every pair", heat(one, other, test)));
  }
  function fill(task, first, second) {
    const here = choices.filter(([board]) => board === task);
    for (const [field, wanted, place] of [[form.elements.a, first, 0], [form.elements.b, second, 1]]) {
      field.replaceChildren(...here.map(([, page, label]) => make("option", { value: page }, label)));
      field.value = here.some(([, page]) => page === wanted) ? wanted : here[Math.min(place, here.length - 1)][1];
    }
    if (first && !second && form.elements.b.value === form.elements.a.value) form.elements.b.value = here[0][1];
    form.elements.task.value = task;
    compare();
  }
  const recall = () => {
    const wanted = state(), found = choices.find(([, page]) => page === wanted.get("a") || page === wanted.get("b"));
    fill(found?.[0] ?? choices[0][0], wanted.get("a"), wanted.get("b"));
  };
  form.elements.task.append(...new Map(choices.map(([board, , , title]) => [board, title])).entries().map(([board, title]) => make("option", { value: board }, title)));
  form.elements.task.onchange = () => fill(form.elements.task.value);
  form.elements.a.onchange = form.elements.b.onchange = compare;
  document.getElementById("swap").onclick = () => fill(form.elements.task.value, form.elements.b.value, form.elements.a.value);
  form.onsubmit = (event) => event.preventDefault();
  form.hidden = false;
  addEventListener("hashchange", recall);
  recall();
})();
