// Sort any table; filter the overview, show it for one language or pair, keep its state in the address, give it as CSV
// or JSON. Pages are plain tables without this file. Data files are scripts: a page opened from disk cannot fetch.
"use strict";
const xbench = (() => {
  const DASH = "–", root = document.body.dataset.root, collator = new Intl.Collator("en", { numeric: true });

  const load = (file, name) => (self.xbenchData ??= {})[name] ? Promise.resolve(self.xbenchData[name]) :
    new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = `${root}data/${file}.js`;
      script.onload = () => done(self.xbenchData[name]);
      script.onerror = () => fail(new Error(`${script.src} cannot be read`));
      document.head.append(script);
    });
  const grouped = (value, digits) => {
    const text = Math.abs(value) >= 1e9 ? value.toExponential(1)
      : value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return /[1-9e]/.test(text) ? text.replaceAll("-", "−") : text.replace("-", "");
  };
  const given = (show) => (value) => (value === null || value === undefined ? DASH : show(value));
  const shows = {
    percent: given((value) => grouped(100 * value, 1)),
    ranks: given((value) => grouped(value, 0)),
    ratio: given((value) => grouped(value, 3)),
    points: given((value) => { const text = grouped(100 * value, 1); return /^[0.]+$|^−/.test(text) ? text : `+${text}`; }),
  };
  const shade = (value, largest = 1) => (value === null || value === undefined || !largest ? "hx"
    : `h${Math.min(19, Math.max(0, Math.trunc((20 * value) / largest)))}`);

  // A cell's own text, without what stands small beside it; and the number in it, NaN where there is none.
  const textOf = (cell) => [...cell.childNodes].filter((node) => node.nodeName !== "SMALL" && node.nodeName !== "svg")
    .map((node) => node.textContent).join("").replace(/\s+/g, " ").trim();
  const plain = (text) => text.replaceAll("−", "-").replaceAll(",", "");
  const numberOf = (cell) => (cell.dataset.n ? Number(cell.dataset.n)
    : /^[-+]?[\d.]+(e[-+]?\d+)?[=†]*$/.test(plain(textOf(cell))) ? parseFloat(plain(textOf(cell))) : NaN);

  // Rows in a new order; beyond `limit` they wait undrawn, for a browser takes long to lay out thousands of cells.
  function arrange(body, rows, limit) {
    let count = 0;
    for (const row of rows) row.toggleAttribute("data-beyond", !row.hidden && ++count > limit);
    body.append(...rows);
    return Math.max(0, count - limit);
  }
  function sort(table, column, direction, limit = Infinity) {
    let beyond = 0;
    for (const body of table.tBodies) {
      if (body.className === "label") continue;
      const keys = [...body.rows].map((row) => {
        const cell = row.cells[column];
        return { row, number: numberOf(cell), text: textOf(cell) };
      });
      const numeric = keys.some((key) => !Number.isNaN(key.number));
      const missing = (key) => (numeric ? Number.isNaN(key.number) : key.text === DASH || key.text === "");
      keys.sort((one, other) => missing(one) - missing(other) || (missing(one) ? 0
        : direction * (numeric ? one.number - other.number : collator.compare(one.text, other.text))));
      beyond += arrange(body, keys.map((key) => key.row), limit);
    }
    for (const head of table.querySelectorAll("th[data-c]")) {
      const here = Number(head.dataset.c) === column;
      const wanted = here ? (direction > 0 ? "ascending" : "descending") : "none";
      if (head.ariaSort !== wanted) head.ariaSort = wanted;
    }
    return beyond;
  }
  const LOW_FIRST = /^(Rank|Gap|Pooling cost|Size|Dim\.)/;
  function sortable(table, changed = (column, direction) => sort(table, column, direction)) {
    for (const head of table.querySelectorAll("th[data-c]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.ariaSort = "none";
      button.onclick = () => {
        const column = Number(head.dataset.c), cells = [...table.tBodies[0].rows].map((row) => row.cells[column]);
        const first = LOW_FIRST.test(textOf(button)) || !cells.some((cell) => !Number.isNaN(numberOf(cell))) ? 1 : -1;
        const direction = head.ariaSort === "none" ? first : head.ariaSort === "ascending" ? -1 : 1;
        changed(column, direction);
      };
    }
  }
  function save(name, type, content) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
  return { load, shows, shade, arrange, sort, sortable, save, textOf, plain, numberOf, root, DASH };
})();

(() => {
  const overview = document.getElementById("overview");
  for (const table of document.querySelectorAll("table[data-sort]")) if (table !== overview) xbench.sortable(table);
  if (!overview) return;
  const form = document.getElementById("filters"), status = document.getElementById("overview-status");
  const heads = [...overview.tHead.querySelectorAll("th[data-c]")].sort((one, other) => one.dataset.c - other.dataset.c);
  const groups = [...overview.tHead.querySelectorAll("th[data-board]")].map((head, place, all) => {
    const first = 5 + all.slice(0, place).reduce((sum, one) => sum + one.colSpan, 0);
    return { board: head.dataset.board, head, first, last: first + head.colSpan - 1 };
  });
  const published = overview.querySelector("tbody.published"), rows = [...overview.tBodies[0].rows, ...(published?.rows ?? [])];
  const original = new Map(), order = new Map(rows.map((row, place) => [row, place]));
  const label = overview.querySelector("tbody.label");
  const means = [...form.elements.rank.options].map((option) => option.dataset.mean), leads = document.querySelectorAll("[data-lead]");
  const rankedBy = (head) => { const known = head.dataset.means.split("|"), place = known.indexOf(form.elements.rank.value); return { known, place: Math.max(0, place) }; };
  let sorted = "", leading, ranked = "", turns = 0, limit = 200; // `leading`: the column that orders a language or pair until another is asked for

  // Replace the scores of the chosen tasks by those of one language, or of one pair; ranks and intervals do not apply.
  function restrict(row, group, data, language, against, live) {
    const found = data?.rows[row.dataset.r];
    const query = data?.queries.indexOf(language) ?? -1, width = data?.documents.length;
    const pair = (from, to) => {
      const place = [data.queries.indexOf(from), data.documents.indexOf(to)];
      return place.includes(-1) ? null : found.pairs[place[0] * width + place[1]];
    };
    const mean = (values) => { const known = values.filter((value) => value !== null);
      return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null; };
    const others = (list) => list.filter((code) => code !== language);
    const values = {};
    if (found && against) values[language === against ? "Mo" : "Cr"] = pair(language, against);
    else if (found) Object.assign(values, { Mo: pair(language, language), Mul: query < 0 ? null : found.Mul[query], "Mul without own": query < 0 ? null : found.without[query],
      distance: query < 0 ? null : found.distance[query],
      Cr: mean([...others(data.documents).map((code) => pair(language, code)), ...others(data.queries).map((code) => pair(code, language))]) });
    let any = false;
    for (let column = group.first; column <= group.last; column++) {
      const cell = row.cells[column], name = heads[column].dataset.name, value = values[name] ?? null;
      if (!original.has(cell)) original.set(cell, { html: cell.innerHTML, n: cell.dataset.n });
      if (column === group.last) continue;
      if (value !== null) { any = true; live.add(column); }
      delete cell.dataset.n;
      cell.textContent = name === "distance" ? xbench.shows.ranks(value === null ? null : value / 10) : xbench.shows.percent(value === null ? null : value / 1e6);
    }
    return any;
  }
  function restore() {
    for (const [cell, { html, n }] of original) { cell.innerHTML = html; if (n) cell.dataset.n = n; }
    original.clear();
  }
  // Ranks and order by another mean: both were made with the page. A task without that mean keeps its own, and says so.
  function rank(mean) {
    if (mean === ranked) return;
    ranked = mean;
    for (const { first } of groups) {
      const head = heads[first].querySelector("[data-means]"), { known, place } = rankedBy(head);
      head.querySelector("small").textContent = `by ${known[place]}`;
      for (const row of rows) {
        const cell = row.cells[first];
        if (!cell.dataset.by) continue;
        const text = cell.dataset.by.split("|")[place], places = /^\d/.test(text), small = document.createElement("small");
        small.textContent = text || "untested";
        cell.dataset.n = places ? parseInt(text, 10) : 9999;
        cell.replaceChildren(...(places ? [text] : [xbench.DASH, small]));
      }
    }
    const places = form.elements.rank.selectedOptions[0].dataset.order.split(" ");
    rows.forEach((row, place) => { if (row.parentNode !== published) order.set(row, Number(places[place])); });
  }
  const fields = () => Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  const chosen = (state) => groups.filter((group) => !state.task || group.board === state.task);

  async function apply() {
    const state = fields(), shown = chosen(state), data = {}, live = new Set(), turn = ++turns;
    state.language ??= state.against;
    if (state.language) for (const { board } of shown) data[board] = await xbench.load(`scores-${board}`, `scores-${board}`);
    if (turn !== turns) return;
    restore();
    rank(state.rank ?? "");
    const words = (state.find ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const paper = row.parentNode === published, cells = row.cells, verdicts = shown.map((group) => cells[group.last].textContent);
      const size = cells[3].dataset.n === undefined ? NaN : Number(cells[3].dataset.n);
      const text = `${cells[0].textContent} ${cells[1].textContent} ${cells[2].textContent}`.toLowerCase();
      let fits = words.every((word) => text.includes(word)) && (!state.recipe || cells[1].textContent === state.recipe)
        && (!state.verdict || verdicts.includes(state.verdict)) && (!state.size || size <= state.size * 1e6)
        && (!state.source || (state.source === "published") === paper)
        && shown.some((group) => cells[group.last].textContent !== "");
      if (fits && state.language) fits = shown.map((group) => restrict(row, group, paper ? null : data[group.board], state.language, state.against, live)).some(Boolean);
      row.hidden = !fits;
      count += fits;
    }
    for (const group of groups) {
      const away = !shown.includes(group) || (state.language && !heads.some((_, column) => column >= group.first && column <= group.last && live.has(column)));
      let span = 0;
      for (let column = group.first; column <= group.last; column++) {
        const hide = away || (state.language && column < group.last && !live.has(column));
        span += !hide;
        heads[column].hidden = hide;
        for (const row of rows) row.cells[column].hidden = hide;
      }
      group.head.hidden = away;
      group.head.colSpan = span || 1;
    }
    label?.toggleAttribute("hidden", [...published.rows].every((row) => row.hidden));
    leading = [state.rank, ...means].map((name) => heads.findIndex((head, column) => head.dataset.name === name && live.has(column))).find((column) => column > 0);
    if (state.task && !state.language && shown.length) { // one task: its own order, not that of all tasks
      const [{ first, last }] = shown, { known, place } = rankedBy(heads[first].querySelector("[data-means]"));
      leading = heads.findIndex((head, column) => column > first && column <= last && head.dataset.name === known[place]);
      if (leading < 0) leading = undefined;
    }
    const only = !state.language ? "" : state.against ? `; only ${state.language} → ${state.against}: queries in ${state.language}, documents in ${state.against}`
      : `; only ${state.language}: Mo, the mean of its pairs with others (Cr), its queries in the pool (Mul)`;
    for (const lead of leads) {
      const group = shown.find(({ board }) => board === lead.dataset.lead), by = group && rankedBy(heads[group.first].querySelector("[data-means]"));
      lead.hidden = Boolean(state.language) || by?.known[by.place] !== "Mul";
    }
    status.textContent = `${count} of ${rows.length} rows${only}${only ? "; no ranks" : state.rank ? `; ranked by ${state.rank}` : ""}`;
    draw();
    remember();
  }
  const all = document.getElementById("all");
  function draw() {
    let beyond = 0;
    for (const head of heads) head.ariaSort = "none";
    const wanted = sorted || (leading ? `-${leading}` : "");
    if (wanted) beyond = xbench.sort(overview, Math.abs(Number(wanted)), wanted.startsWith("-") ? -1 : 1, limit);
    else for (const body of overview.tBodies) {
      if (body.className !== "label") beyond += xbench.arrange(body, [...body.rows].sort((one, other) => order.get(one) - order.get(other)), limit);
    }
    all.hidden = !beyond;
    all.textContent = `Show ${beyond.toLocaleString("en-US")} more rows`;
  }
  all.onclick = () => { limit = Infinity; draw(); };
  function remember() {
    const state = new URLSearchParams(fields());
    if (sorted) state.set("sort", sorted);
    if (location.hash.slice(1) !== String(state)) history.replaceState(null, "", `#${state}`);
  }
  function recall() {
    const state = new URLSearchParams(location.hash.slice(1));
    for (const field of form.elements) if (field.name) field.value = state.get(field.name) ?? "";
    for (const field of form.elements) if (field.name && field.selectedIndex === -1) field.value = "";
    sorted = /^-?\d+$/.test(state.get("sort") ?? "") && heads[Math.abs(Number(state.get("sort")))] ? state.get("sort") : "";
    return apply();
  }
  function shownTable() {
    const columns = heads.map((head, place) => ({ place, name: [groups.find((group) => place >= group.first && place <= group.last)?.board, xbench.textOf(head.querySelector("button"))].filter(Boolean).join(" "), hidden: head.hidden })).filter((column) => !column.hidden);
    const lines = [...overview.tBodies].flatMap((body) => [...body.rows]).filter((row) => order.has(row) && !row.hidden)
      .map((row) => columns.map((column) => xbench.textOf(row.cells[column.place])));
    return { names: columns.map((column) => column.name), lines };
  }
  const quoted = (text) => { const safe = /^\s*[-=+@\uff0b\uff0d\uff1d\uff20]/.test(text) && !/^-?[\d.]+(e[-+]?\d+)?$/.test(text) ? `'${text}` : text; return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe; };
  for (const button of document.querySelectorAll("[data-download]")) button.onclick = () => {
    const { names, lines } = shownTable();
    const value = (text) => (text === xbench.DASH ? "" : /^[−+]?[\d,.]+$/.test(text) ? xbench.plain(text) : text);
    if (button.dataset.download === "csv") xbench.save("xbench.csv", "text/csv", [names, ...lines.map((line) => line.map(value))].map((line) => line.map(quoted).join(",")).join("\n") + "\n");
    else xbench.save("xbench.json", "application/json", JSON.stringify(lines.map((line) => Object.fromEntries(line.map((text, place) => { const found = value(text); return [names[place], found === "" ? null : found !== text || /^[\d.]+$/.test(found) ? Number(found) : found]; }))), null, 1));
  };
  xbench.sortable(overview, (column, direction) => { sorted = `${direction < 0 ? "-" : ""}${column}`; draw(); remember(); });
  form.hidden = document.getElementById("downloads").hidden = false;
  form.onsubmit = (event) => event.preventDefault();
  form.oninput = (event) => { if (event.target.name === "rank") sorted = ""; apply(); };
  form.onreset = () => { sorted = ""; setTimeout(apply); };
  addEventListener("hashchange", recall);
  addEventListener("keydown", (event) => { if (event.key === "/" && !/INPUT|SELECT/.test(document.activeElement.tagName)) { event.preventDefault(); form.elements.find.focus(); } });
  recall();
})();
