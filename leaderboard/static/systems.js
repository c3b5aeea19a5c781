// The systems of a task (data/answers/<task>.js): their values by setting, their order, and what is said of them. The
// words are those of xbench/board/answers.py. Knows no page.
"use strict";
xbench.systems = (() => {
  const { percent, ranks, signed } = xbench.numbers;
  const ANY = "any";
  const OTHER = "other";
  const SAME = "same";
  const POOL = "pool";
  const MEANS = { other: "Cr", same: "Mo", pool: "Mul", "pool-without-own": "Mul without own" };
  const DEGREES = [
    [0.05, "hardly biased"],
    [0.25, "somewhat biased"],
    [0.75, "strongly biased"],
    [1, "about as biased as chance"],
  ];
  const BEYOND = "more biased than chance";
  const MILLION = 1e6;

  // [queries in, documents in] of what is asked; `documents` "" is the mean that the task is ranked by.
  function settingOf(task, query, documents) {
    const wanted = documents || (query ? OTHER : task.ranked);
    return [query || ANY, wanted === SAME && query ? query : wanted];
  }
  function places(task) {
    task.places ??= new Map(task.settings.map(([query, documents], place) => [`${query} ${documents}`, place]));
    return task.places;
  }
  function scoreOf(task, system, [query, documents]) {
    if (system.score) return system.score([query, documents]); // a published run
    const value = system.values[places(task).get(`${query} ${documents}`)] ?? null;
    return value === null ? null : value / MILLION;
  }
  function halfOf(task, system, [query, documents]) {
    const half = query === ANY ? (system.halves?.[task.means.indexOf(documents)] ?? null) : null;
    return half === null ? null : half / MILLION;
  }
  const rankOf = (task, system, documents) => system.ranks?.[task.means.indexOf(documents)] ?? null;
  function spreadOf(task, system, query) {
    const place = task.spreads.indexOf(query);
    const normalised = system.normalised?.[place] ?? null;
    return {
      distance: system.distances?.[place] ?? null,
      normalised: normalised === null ? null : normalised / MILLION,
    };
  }

  // Unranked are chance, incomplete and contaminated rows, by the mean that the task is ranked by.
  function isRanked(task, system) {
    const rank = rankOf(task, system, task.ranked);
    return !system.source && (Array.isArray(rank) || rank === "untested");
  }
  function ordered(task, systems, setting) {
    return systems
      .map((system) => ({ system, value: scoreOf(task, system, setting) }))
      .filter(({ value }) => value !== null)
      .sort((one, other) => other.value - one.value || (one.system.key < other.system.key ? -1 : 1));
  }
  const measured = (task, setting) =>
    ordered(
      task,
      task.systems.filter((system) => isRanked(task, system)),
      setting,
    );
  // By source, each ranked by itself.
  function published(task, setting) {
    const sources = new Map();
    for (const entry of ordered(
      task,
      task.systems.filter(({ source }) => source),
      setting,
    )) {
      sources.set(entry.system.source, [...(sources.get(entry.system.source) ?? []), entry]);
    }
    const order = new Map(task.systems.map(({ source }, place) => [source, place]).reverse());
    return [...sources].sort(([one], [other]) => order.get(one) - order.get(other));
  }

  // The name of a setting among a row's sums, and the columns that its mean is over.
  function columnsOf(task, [query, documents]) {
    const pairs = task.settings.filter((pair) => task.queries.includes(pair[0]) && task.documents.includes(pair[1]));
    const named = (part) => part.map(([from, to]) => `${from}-${to}`);
    const across = pairs.filter(([from, to]) => from !== to);
    if (query === ANY) {
      if (documents === OTHER) return ["Cr", named(across)];
      if (documents === SAME) return ["Mo", named(pairs.filter(([from, to]) => from === to))];
      if (documents === POOL) return ["Mul", task.queries.map((code) => `${code}-${POOL}`)];
      return [`${ANY}-${documents}`, named(across.filter(([, to]) => to === documents))];
    }
    if (documents === OTHER) return [`${query}-${OTHER}`, named(across.filter(([from]) => from === query))];
    return [`${query}-${documents}`, [`${query}-${documents}`]];
  }

  function named(system) {
    const parts = [system.recipe === "none" ? "" : system.recipe, system.note].filter(Boolean);
    return parts.length ? `${system.title} (${parts.join(", ")})` : system.title;
  }
  const degree = (normalised) => DEGREES.find(([bound]) => normalised <= bound)?.[1] ?? BEYOND;

  function biasWords(task, system, query) {
    const { distance, normalised } = spreadOf(task, system, query);
    if (normalised !== null && task.bounds) {
      const [perfect, chance] = task.bounds.map((bound) => ranks(bound));
      return (
        `${named(system)} is ${degree(normalised)}: the documents that answer one question, in different languages, ` +
        `lie ${ranks(distance)} ranks apart in the pool, ${percent(normalised)} % of the way from perfect ` +
        `(${perfect}) to chance (${chance}).`
      );
    }
    const mono = scoreOf(task, system, [query, query === ANY ? SAME : query]);
    const cross = scoreOf(task, system, [query, OTHER]);
    if (mono === null || cross === null) return `Not known of ${named(system)} here.`;
    return (
      `${named(system)} has ${percent(mono)} where documents are in the query’s language and ${percent(cross)} where ` +
      `they are in others: ${signed(cross - mono)} points. Rank distances are not known.`
    );
  }
  return {
    ANY,
    MEANS,
    settingOf,
    scoreOf,
    halfOf,
    rankOf,
    spreadOf,
    measured,
    published,
    columnsOf,
    named,
    degree,
    biasWords,
  };
})();
