// Published runs of a task (data/published/<task>.js, made by xbench/board/published_values.py): hundred-thousandths of
// every pair, and means over them. Knows data files, no page.
"use strict";
xbench.published = (() => {
  const { load } = xbench.page;
  const ANY = "any";
  const OTHER = "other";
  const SAME = "same";
  const opened = new Map();

  async function inflated(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
  // A value and one in three planes of bytes, the lowest first; -1 where there is none.
  function unpacked(planes) {
    const size = planes.length / 3;
    return Int32Array.from(
      { length: size },
      (_, place) => (planes[place] | (planes[size + place] << 8) | (planes[2 * size + place] << 16)) - 1,
    );
  }
  function pairsOf(text) {
    const codes = text.split(" ");
    return Array.from({ length: codes.length / 2 }, (_, place) => codes.slice(2 * place, 2 * place + 2));
  }
  async function open(name) {
    const held = await load(`published/${name}`);
    const values = unpacked(await inflated(held.values));
    const pairs = pairsOf(held.pairs);
    let number = 0;
    const sources = held.sources.map(({ title, rows }) => ({
      title,
      rows: rows.map(([model, note, address, parameters, whole]) => {
        const start = pairs.length * number++;
        return { model, note, address, parameters, whole, values: values.subarray(start, start + pairs.length) };
      }),
    }));
    return { ...held, pairs, sources, places: new Map() };
  }
  function read(name) {
    if (!opened.has(name)) opened.set(name, open(name));
    return opened.get(name);
  }

  // Which pairs a setting is the mean of.
  function placesOf(board, [query, documents]) {
    const key = `${query} ${documents}`;
    if (!board.places.has(key)) {
      const fits = ([from, to]) => {
        if (query !== ANY && from !== query) return false;
        if (documents === SAME) return from === to;
        if (documents === OTHER) return from !== to;
        return to === documents && (query !== ANY || from !== to);
      };
      board.places.set(
        key,
        board.pairs.flatMap((pair, place) => (fits(pair) ? [place] : [])),
      );
    }
    return board.places.get(key);
  }
  // A row's mean over all pairs of a setting, as a share of 1; null where it lacks one of them.
  function scoreOf(board, row, setting) {
    const places = placesOf(board, setting);
    const overall = setting[0] === ANY && [OTHER, SAME].includes(setting[1]);
    if (!places.length || (overall && !row.whole)) return null;
    let sum = 0;
    for (const place of places) {
      if (row.values[place] < 0) return null;
      sum += row.values[place];
    }
    return sum / (places.length * board.steps);
  }

  // The board as static/systems.js has tasks.
  async function task(name) {
    const board = await read(name);
    const systems = board.sources.flatMap(({ title: source, rows }) =>
      rows.map((row) => ({
        key: `${source}/${row.model}/${row.note}`,
        title: row.model,
        recipe: "none",
        note: row.note,
        source,
        page: row.address,
        score: (setting) => scoreOf(board, row, setting),
      })),
    );
    const { title, metric, ranked, page } = board;
    return { name, title, metric, ranked, page, settings: [], means: [], spreads: [], bounds: null, systems };
  }
  return { read, task, scoreOf };
})();
