// The first page's table: filtered, shown for one language or pair, sorted, its state in the address, as CSV or JSON.
// The same state asks the question above it (static/answer.js).
"use strict";
(() => {
  if (!xbench.board) return;
  const { table, columns, column, groups, rows, printed } = xbench.board;
  const { DASH } = xbench.numbers;
  const { make, load, recalled, remember, save } = xbench.page;
  const { textOf, arrange, inOrder, mark, sortable } = xbench.tables;
  const { MEANS } = xbench.systems;
  const { restore, restrict, isCode, isRestricted } = xbench.restricted;
  const form = document.getElementById("question");
  const fields = form.elements;
  const status = document.getElementById("overview-status");
  const empty = document.getElementById("empty");
  const more = document.getElementById("all");
  const elsewhere = document.getElementById("elsewhere-link");
  const label = table.querySelector("tbody.label");
  const orders = JSON.parse(document.getElementById("orders").textContent);
  const leads = document.querySelectorAll("[data-lead]");
  const DRAWN = 100; // rows that are laid out unless more are asked for
  const PAUSE = 40; // milliseconds without a key before what is typed is looked for
  const NARROW = matchMedia("(max-width: 44rem)");
  const SHEET = 950; // pixels of a sheet on its side, less its margins
  const OPTIONAL = "corpus size dimension";

  // Every row of a body in the order made with the page, by the mean that is asked for.
  const bodies = [table.tBodies[0], printed].filter(Boolean).map((body) => {
    const own = rows.filter(({ row }) => row.parentNode === body);
    const every = () => {
      const places = body === printed ? null : orders[fields.documents.value];
      const ordered = places ? own.toSorted((one, other) => places[one.place] - places[other.place]) : own;
      return ordered.map(({ row }) => row);
    };
    return { body, every };
  });
  let sorted = ""; // the reader's own: a column's key, with - for the highest first
  let limit = DRAWN;
  let shown = groups;
  let order = null; // [place of a column, direction] that the rows stand in
  let leading = null; // the column that orders the table unless the reader has another
  let restricted = ""; // what the cells are restricted to now
  let turns = 0;

  // --- ranks by the mean that is asked for; a task that lacks it keeps its own, and says so
  const meanOf = (group, state) => {
    const wanted = MEANS[state.documents];
    return group.means.includes(wanted) ? wanted : group.means[0];
  };
  function rankBy(state) {
    for (const group of groups) {
      const mean = meanOf(group, state);
      group.rank.head.querySelector("small").textContent = `by ${mean}`;
      for (const { cells } of rows) {
        const cell = cells[group.rank.place];
        if (!cell.dataset.by) continue;
        const text = cell.dataset.by.split("|")[group.means.indexOf(mean)];
        cell.replaceChildren(...(/^\d/.test(text) ? [text] : [DASH, make("small", {}, text || "untested")]));
      }
    }
  }

  // --- which rows and columns are on show
  function fits(each, state, words) {
    const verdicts = shown.map(({ board }) => each.verdicts[board]);
    return (
      words.every((word) => each.text.includes(word)) &&
      (!state.recipe || each.recipe === state.recipe) &&
      (!state.verdict || verdicts.includes(state.verdict)) &&
      (!state.size || each.size <= state.size * 1e6) &&
      (!state.source || (state.source === "published") === each.published) &&
      verdicts.some(Boolean)
    );
  }
  function filter(state, live) {
    const words = (state.find ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const each of rows) {
      each.row.hidden = !fits(each, state, words) || (live !== null && !live.rows.has(each.row));
      count += !each.row.hidden;
    }
    const papers = rows.some(({ row, published }) => published && !row.hidden);
    label?.toggleAttribute("hidden", !papers);
    return count;
  }
  function showColumns(state, live) {
    for (const group of groups) {
      const here = shown.includes(group);
      let span = 0;
      for (const each of group.columns) {
        const away = !here || (live !== null && each !== group.verdict && !live.columns.has(each));
        span += !away;
        if (each.head.hidden === away) continue;
        each.head.hidden = away;
        for (const { cells } of rows) cells[each.place].hidden = away;
      }
      group.head.hidden = !here;
      group.head.colSpan = span || 1;
    }
    for (const { link, first, cells } of rows) {
      // the name leads to the run on the task that is shown
      if (!link || !first) continue;
      const there = state.task && shown.length ? cells[shown[0].verdict.place].querySelector("a") : null;
      link.setAttribute("href", there?.getAttribute("href") ?? first);
    }
  }
  function leadingColumn(state, live) {
    if (live === null && (!state.task || !shown.length)) return null; // all tasks: in the order made with the page
    const wanted = isCode(state.documents) ? ["Cr", "Mo"] : [meanOf(shown[0] ?? groups[0], state), "Cr", "Mul", "Mo"];
    const names = shown.flatMap((group) => wanted.map((name) => group.named(name)));
    return names.find((each) => each && !each.head.hidden) ?? null;
  }

  // --- what is said of it
  // Whether the task that is chosen has published runs alone; then a link leads to them.
  function showElsewhere({ task, query = "", documents = "" }) {
    const other = groups.some(({ board }) => board === task)
      ? null
      : xbench.answer.elsewhere.find(({ name }) => name === task);
    elsewhere.hidden = !other;
    if (other) {
      const link = elsewhere.querySelector("a");
      link.href = `${other.page}#${new URLSearchParams({ query, documents })}`;
      link.textContent = `all ${other.rows} on its page`;
    }
    return Boolean(other);
  }
  function whyEmpty(filters) {
    if (!shown.length) return "Nothing was measured on this; what is published of it stands in the answer above.";
    return filters.length ? `No system fits all of: ${filters.join(", ")}.` : "No system was scored on this.";
  }
  function say(count, state) {
    const asked = isRestricted(state) ? "; only what is asked above, without ranks" : "";
    const by = !asked && state.documents ? `; ranked by ${MEANS[state.documents]}` : "";
    status.textContent = `${count} of ${rows.length} rows${asked}${by}`;
    const used = ["task", "find", "recipe", "verdict", "size", "source"].filter((name) => state[name]);
    const texts = used.map((name) => `${name} ${fields[name].selectedOptions?.[0].textContent ?? `“${state[name]}”`}`);
    empty.hidden = showElsewhere(state) || count > 0;
    document.getElementById("why").textContent = whyEmpty(texts);
    for (const lead of leads) {
      const group = shown.find(({ board }) => board === lead.dataset.lead);
      lead.hidden = isRestricted(state) || !group || meanOf(group, state) !== "Mul";
    }
  }
  function draw() {
    const place = column(sorted.replace(/^-/, ""));
    const own = place && !place.head.hidden ? [place.place, sorted.startsWith("-") ? -1 : 1] : null;
    if (!own) sorted = ""; // a column that is away orders nothing
    order = own ?? (leading ? [leading.place, -1] : null);
    let beyond = 0;
    for (const { body, every } of bodies) beyond += arrange(body, order ? inOrder(every(), ...order) : every(), limit);
    mark(table, ...(order ?? [-1, 1]));
    more.hidden = !beyond;
    more.textContent = `Show ${beyond.toLocaleString("en-US")} more rows`;
  }

  // --- the state, from the fields and the address
  const stateOf = () => Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  let live = null; // {columns, rows} that have what is asked, where it is a language or pair
  async function apply() {
    const state = stateOf();
    const turn = ++turns;
    const view = JSON.stringify([state.query, state.documents, state.task]);
    if (view !== restricted) {
      shown = groups.filter(
        ({ board }) =>
          (!state.task || board === state.task) &&
          xbench.answer.has(
            xbench.answer.tasks.find(({ name }) => name === board),
            state,
          ),
      );
      const tasks = isRestricted(state) ? await Promise.all(shown.map(({ board }) => load(`answers/${board}`))) : [];
      if (turn !== turns) return;
      restore();
      live = isRestricted(state) ? { columns: new Set(), rows: new Set() } : null;
      rankBy(state);
      tasks.forEach((task, place) => {
        restrict(rows, shown[place], task, state, live);
      });
      showColumns(state, live);
      leading = leadingColumn(state, live);
      if (restricted || isRestricted(state) || state.documents || state.task) xbench.answer.show(state);
      restricted = view;
    }
    say(filter(state, live), state);
    draw();
    remember({ ...state, ...(sorted ? { sort: sorted } : {}) });
    xbench.chosen.refresh({ shown, state });
  }
  function recall() {
    const state = recalled();
    for (const field of fields) {
      if (!field.name) continue;
      field.value = state.get(field.name) ?? "";
      if (field.selectedIndex === -1) field.value = "";
    }
    const wanted = state.get("sort") ?? "";
    sorted = column(wanted.replace(/^-/, "")) ? wanted : "";
    return apply();
  }

  // --- downloads of what is shown, and of what waits beyond it
  const inShownOrder = (every) => (order ? inOrder(every, ...order) : every).filter((row) => !row.hidden);
  function shownTable() {
    const on = columns.filter(({ head }) => !head.hidden);
    const lines = bodies
      .flatMap(({ every }) => inShownOrder(every()))
      .map((row) => on.map(({ place }) => textOf(row.cells[place])));
    return { names: on.map(({ board, words }) => [board, words].filter(Boolean).join(" ")), lines };
  }
  for (const button of document.querySelectorAll("[data-download]")) {
    const kind = button.dataset.download;
    button.onclick = () => save(`xbench.${kind}`, ...xbench.downloads[kind](shownTable()));
  }

  // --- optional columns: on wide screens all, on narrow ones those that are asked for
  const boxes = [...document.querySelectorAll("[data-column]")];
  const showOptional = () => {
    table.dataset.columns = boxes
      .filter(({ checked }) => checked)
      .map((box) => box.dataset.column)
      .join(" ");
  };
  for (const box of boxes) {
    box.checked = !NARROW.matches && OPTIONAL.includes(box.dataset.column);
    box.onchange = showOptional;
  }
  showOptional();

  // --- on paper nothing is cut: every row is drawn, and the table shrinks to the sheet
  function print(paper) {
    limit = paper ? Number.POSITIVE_INFINITY : DRAWN;
    draw();
    table.classList.toggle("paper", paper);
    table.style.zoom = paper ? Math.min(1, SHEET / table.offsetWidth) : "";
  }
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));

  // --- what the reader does
  let pause = 0;
  more.onclick = () => {
    limit = Number.POSITIVE_INFINITY;
    draw();
  };
  sortable(table, (place, direction) => {
    sorted = (direction < 0 ? "-" : "") + columns[place].key;
    draw();
    remember({ ...stateOf(), sort: sorted });
  });
  form.onsubmit = (event) => event.preventDefault();
  for (const field of fields) {
    if (!field.name) continue;
    field.oninput = () => {
      clearTimeout(pause);
      if (field.type === "search") pause = setTimeout(apply, PAUSE);
      else {
        if (field.name === "documents") sorted = "";
        apply();
      }
    };
  }
  form.onreset = () => {
    sorted = "";
    setTimeout(apply);
  };
  addEventListener("hashchange", recall);
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || /INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName)) return;
    event.preventDefault();
    fields.find.focus();
  });
  for (const part of document.querySelectorAll("[data-script]")) part.hidden = false;
  recall();
})();
