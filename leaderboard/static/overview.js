// The first page's table: filtered, shown for one language or pair, sorted, its state in the address, as CSV or JSON.
// The same state asks the question above it (static/answer.js).
"use strict";
(() => {
  const table = document.getElementById("overview");
  if (!table) return;
  const { DASH, percent, ranks } = xbench.numbers;
  const { make, load, recalled, remember, save } = xbench.page;
  const { textOf, plain, numberIn, arrange, inOrder, mark, sortable } = xbench.tables;
  const { MEANS, scoreOf, spreadOf, settingOf } = xbench.systems;
  const form = document.getElementById("question");
  const fields = form.elements;
  const status = document.getElementById("overview-status");
  const empty = document.getElementById("empty");
  const more = document.getElementById("all");
  const leads = document.querySelectorAll("[data-lead]");
  const DRAWN = 100; // rows that are laid out unless more are asked for
  const PAUSE = 40; // milliseconds without a key before what is typed is looked for
  const NARROW = matchMedia("(max-width: 44rem)");
  const SHEET = 960; // pixels of a sheet on its side, less its margins
  const OPTIONAL = "corpus size dimension";

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
  const label = table.querySelector("tbody.label");
  const orders = JSON.parse(document.getElementById("orders").textContent);
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

  // The name of a row's run on a task; null where it has none. The model leads to the first, a verdict to any other.
  function pageOn({ cells, first, verdicts }, group) {
    if (!verdicts[group.board]) return null;
    return (cells[group.verdict.place].querySelector("a")?.getAttribute("href") ?? first).replace(
      /^runs\/|\.html$/g,
      "",
    );
  }

  // --- one language, or one pair: its values take the place of those over all languages
  const original = new Map();
  function restore() {
    for (const [cell, html] of original) cell.innerHTML = html;
    original.clear();
  }
  // What a column of a task shows then, as [text]; null where it says nothing about it.
  function restrictedText(task, system, name, { query, documents }) {
    const one = task.documents.includes(documents) ? documents : "";
    if (name === "distance") {
      const distance = one || !query ? null : spreadOf(task, system, query).distance;
      return distance === null ? null : ranks(distance);
    }
    const mean = Object.keys(MEANS).find((each) => MEANS[each] === name);
    if (!mean) return null;
    let setting = settingOf(task, query, mean);
    if (one && query) setting = (query === one ? "same" : "other") === mean ? [query, one] : null;
    else if (one) setting = { other: ["any", one], same: [one, one] }[mean] ?? null;
    const value = setting && scoreOf(task, system, setting);
    return value === null ? null : percent(value);
  }
  function restrict(group, task, state, live) {
    const systems = new Map(task.systems.map((system) => [system.key, system]));
    const own = group.columns.filter((each) => each !== group.verdict);
    for (const each of rows) {
      const { cells, row } = each;
      const system = systems.get(each.published ? each.key : pageOn(each, group));
      for (const part of own) {
        const cell = cells[part.place];
        const text = system ? restrictedText(task, system, part.name, state) : null;
        original.set(cell, cell.innerHTML);
        cell.textContent = text ?? DASH;
        if (text === null) continue;
        live.columns.add(part);
        live.rows.add(row);
      }
    }
  }
  const isCode = (documents) => documents && !(documents in MEANS);
  const isRestricted = (state) => Boolean(state.query || isCode(state.documents));

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
    label?.toggleAttribute(
      "hidden",
      [...printed.rows].every(({ hidden }) => hidden),
    );
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
  function say(count, state) {
    const asked = isRestricted(state) ? "; only what is asked above, without ranks" : "";
    const by = !asked && state.documents ? `; ranked by ${MEANS[state.documents]}` : "";
    status.textContent = `${count} of ${rows.length} rows${asked}${by}`;
    const used = ["task", "find", "recipe", "verdict", "size", "source"].filter((name) => state[name]);
    const texts = used.map((name) => `${name} ${fields[name].selectedOptions?.[0].textContent ?? `“${state[name]}”`}`);
    empty.hidden = count > 0;
    document.getElementById("why").textContent = texts.length
      ? `No system fits all of: ${texts.join(", ")}.`
      : "No system was scored on this.";
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
        restrict(shown[place], task, state, live);
      });
      showColumns(state, live);
      leading = leadingColumn(state, live);
      if (restricted || isRestricted(state) || state.documents || state.task) xbench.answer.show(state);
      restricted = view;
    }
    say(filter(state, live), state);
    draw();
    remember({ ...state, ...(sorted ? { sort: sorted } : {}) });
    chosen.refresh();
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

  // --- rows to compare
  const chosen = (() => {
    const bar = document.getElementById("chosen");
    const words = document.getElementById("chosen-names");
    const link = document.getElementById("chosen-link");
    const picked = [];
    function refresh() {
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
        link.href = `compare.html#${new URLSearchParams({ a, b, ...pairOf(stateOf()) })}`;
      }
      if (picked.length > 1 && link.hidden) words.textContent = `${names.join(" and ")} share no task that is shown`;
    }
    function pairOf({ query, documents }) {
      return {
        ...(query ? { query } : {}),
        ...(query || isCode(documents) ? { documents: documents ?? "other" } : {}),
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

  // --- downloads of what is shown, and of what waits beyond it
  const inShownOrder = (every) => (order ? inOrder(every, ...order) : every).filter((row) => !row.hidden);
  function shownTable() {
    const on = columns.filter(({ head }) => !head.hidden);
    const lines = bodies
      .flatMap(({ every }) => inShownOrder(every()))
      .map((row) => on.map(({ place }) => textOf(row.cells[place])));
    return { names: on.map(({ board, words }) => [board, words].filter(Boolean).join(" ")), lines };
  }
  const valueIn = (text) => (text === DASH ? "" : /^[−+]?[\d,.]+$/.test(text) ? plain(text) : text);
  // What a spreadsheet would run as a formula is quoted.
  function quoted(text) {
    const formula = /^\s*[-=+@＋－＝＠]/.test(text) && !/^-?[\d.]+(e[-+]?\d+)?$/.test(text);
    const safe = formula ? `'${text}` : text;
    return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }
  const typed = (text) => {
    const value = valueIn(text);
    if (value === "") return null;
    return value !== text || /^[\d.]+$/.test(value) ? Number(value) : value;
  };
  const WRITERS = {
    csv: ({ names, lines }) => {
      const all = [names, ...lines.map((line) => line.map(valueIn))];
      return ["text/csv", `${all.map((line) => line.map(quoted).join(",")).join("\n")}\n`];
    },
    json: ({ names, lines }) => {
      const records = lines.map((line) => Object.fromEntries(line.map((text, place) => [names[place], typed(text)])));
      return ["application/json", JSON.stringify(records, null, 1)];
    },
  };
  for (const button of document.querySelectorAll("[data-download]")) {
    const kind = button.dataset.download;
    button.onclick = () => save(`xbench.${kind}`, ...WRITERS[kind](shownTable()));
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
