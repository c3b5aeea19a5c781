// The answer on the first page: the best three systems of what is asked, with intervals, what tests do not separate
// from the first, how biased it is. The server wrote the default one, with xbench/board/answers.py's words and order.
"use strict";
xbench.answer = (() => {
  const { root, make, load } = xbench.page;
  const { percent, decimal: exact } = xbench.numbers;
  const systems = xbench.systems;
  const place = document.getElementById("answer");
  if (!place) return null;
  const tasks = JSON.parse(document.getElementById("tasks").textContent);
  const elsewhere = JSON.parse(document.getElementById("elsewhere-tasks").textContent); // of published runs
  const SHOWN = 3;
  const NAMED = 4; // systems that a sentence lists
  const BATCH = 4; // systems whose sums are fetched at once; a batch that is all worse ends the search
  const MOST = 40; // systems that are tested against the first
  const WORDS = {
    other: "documents in other languages",
    same: "documents in the query’s language",
    pool: "documents of all languages, pooled",
    "pool-without-own": "documents of all languages, pooled, without the query’s own",
  };
  const expanded = new Set(); // sources whose systems are all shown
  let turns = 0;
  let last = {}; // what was asked

  const languageName = (field, code) =>
    document.querySelector(`#question [name=${field}] option[value="${CSS.escape(code)}"]`)?.textContent ?? code;
  function asked([query, documents]) {
    const from = query === systems.ANY ? "queries in any language" : `queries in ${languageName("query", query)}`;
    return `${from}, ${WORDS[documents] ?? `documents in ${languageName("documents", documents)}`}`;
  }
  const pageOf = (system) => system.page.replace(/^runs\/|\.html$/g, "");
  function compareAddress(setting, one, other) {
    const state = new URLSearchParams({ a: pageOf(one), b: pageOf(other) });
    if (setting[0] !== systems.ANY) state.set("query", setting[0]);
    if (setting[0] !== systems.ANY || !(setting[1] in WORDS)) state.set("documents", setting[1]);
    return `${root}compare.html#${state}`;
  }

  // --- what is drawn
  function who(system) {
    const small = [system.recipe === "none" ? "" : system.recipe, system.note ?? ""].filter(Boolean).join(", ");
    const away = system.page?.startsWith("https://");
    const address = { href: away ? system.page : root + system.page, ...(away ? { rel: "noreferrer" } : {}) };
    const link = system.page ? make("a", address, system.title) : make("b", {}, system.title);
    return make("span", { class: "who" }, link, ...(small ? [" ", make("small", {}, small)] : []));
  }
  function line(task, setting, { system, value }, first) {
    const score = make("span", { class: "score" }, make("b", {}, system.score ? exact(100 * value) : percent(value)));
    if (!system.source) score.append(" ", intervalOf(systems.halfOf(task, system, setting)));
    const item = make("li", { "data-key": system.key }, who(system), " ", score);
    if (first && first !== system && !system.source) {
      const address = compareAddress(setting, first, system);
      item.append(" ", make("a", { class: "versus", href: address }, "compare with the first"));
    }
    return item;
  }
  const intervalOf = (half) =>
    make("span", { class: "interval" }, half === null ? "interval unknown" : `± ${percent(half)}`);
  function sharingWords(first, sharing, others, tested) {
    if (!others) return "The only ranked system here.";
    if (!tested) return "Untested: the values per question are not known.";
    if (!sharing.length) return `${systems.named(first)} is better than each of the other ${others}, by paired tests.`;
    const names = sharing.slice(0, NAMED).map(systems.named).join(", ");
    const more = sharing.length > NAMED ? ` and ${sharing.length - NAMED} more` : "";
    return `May share the first place, for tests do not separate them: ${names}${more}.`;
  }
  function measuredPart(task, setting, ranked) {
    const best = ranked.slice(0, SHOWN);
    const first = best[0]?.system;
    const items = best.map((entry) => line(task, setting, entry, first));
    const list = items.length ? [make("ol", {}, ...items), make("p", { class: "sharing" })] : [];
    const none = items.length ? [] : [make("p", { class: "quiet" }, "No ranked system was measured on this.")];
    return make("div", { id: "measured" }, make("h3", {}, "Measured here"), ...list, ...none);
  }
  // `beside`: of published runs; `alone`: nothing was measured, and how biased the first is stands below.
  function publishedPart(task, setting, [source, entries], beside = false, alone = false) {
    const named = beside ? [make("a", { href: root + task.page }, task.title), ", "] : [];
    const origin = make("small", {}, beside ? `${source}, ${task.metric}` : source);
    const head = make("h3", {}, beside ? "Published: " : "Published ", ...named, origin);
    const count = expanded.has(source) ? entries.length : SHOWN;
    const items = entries.slice(0, count).map((entry) => line(task, setting, entry, null));
    const every = make("button", { type: "button", class: "every", "data-source": source }, `All ${entries.length}`);
    const among = beside ? ` among the ${entries.length} models that have it` : " by itself";
    const biased =
      beside && !alone && task.ranked === "other" ? ` ${systems.biasWords(task, entries[0].system, setting[0])}` : "";
    const here = alone ? " No ranked system was measured on this here." : "";
    const words = `As published, ranked${among}. No interval: no values per question.${here}${biased}`;
    const why = make("p", { class: "quiet" }, words);
    const list = make("ol", {}, ...items);
    return make("div", { class: "elsewhere" }, head, list, ...(entries.length > count ? [every] : []), why);
  }
  function biasPart(task, system, query) {
    const { normalised } = systems.spreadOf(task, system, query);
    const words = make("p", { class: "bias" }, make("b", {}, "How biased? "), systems.biasWords(task, system, query));
    if (normalised === null || !task.bounds) return [words];
    const at = (196 * Math.min(1, Math.max(0, normalised))).toFixed(1);
    const track = make("rect", { class: "track", y: "5", width: "200", height: "2" });
    const mark = make("rect", { class: "mark", x: at, width: "4", height: "12" });
    const label = `Rank distance: ${percent(normalised)} % of the way from perfect to chance`;
    const bar = make("svg", { class: "scale", viewBox: "0 0 200 12", role: "img", "aria-label": label }, track, mark);
    return [words, make("p", { class: "ends" }, "perfect ", bar, " chance")];
  }
  function draw([task, setting], other) {
    const ranked = systems.measured(task, setting);
    const alone = task === other?.[0];
    const published = alone ? [] : systems.published(task, setting);
    const runs = other ? systems.published(...other) : [];
    const title = task.page ? make("a", { href: root + task.page }, task.title) : task.title;
    const metric = ` ${asked(setting)}; ${task.metric} in percent`;
    const [of, first] =
      ranked.length || published.length ? [task, ranked[0] ?? published[0][1][0]] : [other[0], runs[0][1][0]];
    place.replaceChildren(
      make("h2", { id: "asked" }, title, make("small", {}, metric)),
      make(
        "div",
        { class: "lists" },
        ...(alone ? [] : [measuredPart(task, setting, ranked)]),
        ...published.map((part) => publishedPart(task, setting, part)),
        ...runs.map((part) => publishedPart(...other, part, true, alone)),
      ),
      ...biasPart(of, first.system, setting[0]),
    );
    return ranked;
  }

  // --- what tests say
  const say = (text) => {
    const sharing = place.querySelector(".sharing");
    if (sharing) sharing.textContent = text;
  };
  function byRanks(task, setting, ranked) {
    const rank = (entry) => systems.rankOf(task, entry.system, setting[1]);
    const sharing = ranked.slice(1).filter((entry) => Array.isArray(rank(entry)) && rank(entry)[0] === 1);
    const tested = Array.isArray(rank(ranked[0]));
    say(
      sharingWords(
        ranked[0].system,
        sharing.map((entry) => entry.system),
        ranked.length - 1,
        tested,
      ),
    );
  }
  async function drawIntervals(task, setting, best, current) {
    const [name, columns] = systems.columnsOf(task, setting);
    for (const { system, value } of best) {
      const test = await xbench.sums.row(pageOf(system)).then((row) => xbench.sums.tester(row));
      if (!current()) return;
      const half = test?.(name, columns, value)?.half ?? null;
      place.querySelector(`[data-key="${CSS.escape(system.key)}"] .interval`).replaceWith(intervalOf(half));
    }
  }
  // Against the first, in the order of their values, with Bonferroni's correction over all of them.
  async function search(task, setting, [first, ...others], current) {
    const [name, columns] = systems.columnsOf(task, setting);
    const best = await xbench.sums.row(pageOf(first.system));
    const sharing = [];
    let tested = 0;
    let untested = 0;
    for (let start = 0; start < Math.min(MOST, others.length); start += BATCH) {
      const batch = others.slice(start, start + BATCH);
      const rows = await Promise.all(batch.map(({ system }) => xbench.sums.row(pageOf(system))));
      const found = [];
      for (const [number, row] of rows.entries()) {
        const test = await xbench.sums.tester(best, row);
        const estimate = test?.(name, columns, first.value - batch[number].value);
        if (estimate) found.push({ system: batch[number].system, p: estimate.p * others.length });
      }
      if (!current()) return null;
      tested += found.length;
      untested += batch.length - found.length;
      const alike = found.filter(({ p }) => p >= statistics.LEVEL).map(({ system }) => system);
      sharing.push(...alike);
      if (found.length && !alike.length) break;
    }
    return { sharing, tested, untested };
  }
  async function byTests(task, setting, ranked, current) {
    say("Testing …");
    await drawIntervals(task, setting, ranked.slice(0, SHOWN), current);
    const found = await search(task, setting, ranked, current);
    if (found && current()) say(testedWords(ranked, found));
  }
  // The site may lack the values by pair of rows further down.
  function testedWords(ranked, { sharing, tested, untested }) {
    if (!tested && untested) return "Untested: the values per question are not known, or not carried by this site.";
    const words = sharingWords(ranked[0].system, sharing, ranked.length - 1 - untested, true);
    return untested ? `${words} Untested, without values per question here: ${untested} more.` : words;
  }

  function nothing(state) {
    const setting = [state.query || systems.ANY, state.documents || "other"];
    const every = [...tasks, ...elsewhere];
    const where = state.task ? (every.find(({ name }) => name === state.task)?.title ?? state.task) : "No task";
    const words = state.task ? "has nothing on" : "has";
    const hint = state.task ? " Choose another task, or the largest that has them." : "";
    place.replaceChildren(make("h2", { id: "asked" }, `${where} ${words} ${asked(setting)}.${hint}`));
  }
  const has = (task, { query, documents }) =>
    (!query || task.queries.includes(query)) &&
    (documents in WORDS || !documents || task.documents.includes(documents));

  // The first task that has what is asked, and is asked about, as [task, setting].
  async function choose(state, some, read) {
    for (const { name } of some.filter((task) => (!state.task || task.name === state.task) && has(task, state))) {
      const task = await read(name);
      const setting = systems.settingOf(task, state.query, state.documents);
      if (systems.measured(task, setting).length || systems.published(task, setting).length) return [task, setting];
    }
    return null;
  }
  async function show(state) {
    last = state;
    const turn = ++turns;
    const current = () => turn === turns;
    const measured = await choose(state, tasks, (name) => load(`answers/${name}`));
    const published = await choose(state, elsewhere, xbench.published.task);
    if (!current()) return;
    place.removeAttribute("aria-busy");
    if (!measured && !published) {
      nothing(state);
      return;
    }
    const [task, setting] = measured ?? published;
    const ranked = draw(measured ?? published, published);
    if (!ranked.length) return;
    if (setting[0] === systems.ANY && setting[1] in WORDS) byRanks(task, setting, ranked);
    else await byTests(task, setting, ranked, current);
  }

  for (const button of place.querySelectorAll(".every")) button.hidden = false;
  place.addEventListener("click", ({ target }) => {
    if (!target.matches(".every")) return;
    expanded.add(target.dataset.source);
    show(last);
  });
  return { show, has, tasks, elsewhere };
})();
