// Numbers of rows, as xbench/board/carried.py packs them (scripts of base64, inflated by the browser), and the test of
// static/statistics.js on them.
"use strict";
const rows = (() => {
  const { load } = xbench;
  const SUM_STEPS = 255, PART_STEPS = 32767;
  const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const inflated = (text) =>
    new Response(new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
  const json = async (text) => JSON.parse(new TextDecoder().decode(await inflated(text)));
  const opened = new Map(); // what was unpacked, by name
  const once = (name, open) => {
    if (!opened.has(name)) opened.set(name, open());
    return opened.get(name);
  };
  const index = () => once("rows", async () => json(await load("rows", "rows")));

  // From lists back to objects by pair and language.
  function unfolded(packed) {
    const { queries, documents, languages, own } = packed;
    const row = { ...packed, pairs: {}, share: {}, languages: {} };
    queries.forEach((query, at) => documents.forEach((document, next) => {
      const place = at * documents.length + next;
      if (packed.n[place] !== null) row.pairs[`${query}-${document}`] = [packed.pairs[place], packed.n[place]];
      if (packed.share[place] !== null) {
        (row.share[query] ??= {})[document] = [packed.share[place], packed.ideal[place]];
      }
    }));
    languages.forEach((code, place) => {
      row.languages[code] = Object.fromEntries(Object.entries(own).map(([key, values]) => [key, values[place]]));
    });
    return row;
  }
  // A row's numbers, by the name of its page.
  const row = (page) => once(`row ${page}`, async () => {
    const [block] = (await index())[page];
    return unfolded(await json((await load(`rows/${block}`, `rows/${block}`))[page]));
  });
  // Its means by cluster and setting; null where they do not travel with the site.
  const sums = (page) => once(`sums ${page}`, async () => {
    const [block, carried] = (await index())[page];
    if (!carried) return null;
    const held = (await load(`sums/${block}`, `sums/${block}`))[page];
    return { seeds: held.seeds, mean: new Uint8Array(await inflated(held.mean)) };
  });
  // What all rows of a task have in common: settings, and how many questions each cluster has there.
  const shared = (name) => once(`shared ${name}`, async () => {
    const held = await load(`shared-${name}`, `shared-${name}`);
    return { ...held, count: turned(new Uint32Array(await inflated(held.count)), held.columns.length) };
  });
  // Setting after setting to cluster after cluster.
  function turned(values, columns) {
    const clusters = values.length / columns;
    return Float64Array.from(values, (_, cell) => values[(cell % columns) * clusters + Math.floor(cell / columns)]);
  }
  // Each cluster's part in the error of a mean that is known without the sums; null for any other.
  function partsOf(data, name) {
    const found = data.means[name];
    if (!found) return null;
    const steps = new Int16Array(bytesOf(found.parts).buffer);
    return Float64Array.from(steps, (step) => (step * found.largest) / PART_STEPS);
  }

  // (setting's name, its columns, the value) -> its estimate, or null where it cannot be tested. `others` is empty for
  // a row alone, or holds the one that it is compared with. `pairs`: whether settings can be tested, and not the means
  // alone; `clusters`: of questions. Null where the rows score different questions.
  async function tester(one, ...others) {
    const every = [one, ...others];
    if (!one.shared || every.some((each) => each.shared !== one.shared)) return null;
    const held = await Promise.all(every.map((each) => sums(each.id)));
    const common = held.every(Boolean) ? await shared(one.shared) : null;
    const less = (first, second) => (second ? first.map((value, place) => value - second[place]) : first);
    const mean = common && less(...held.map((each) => turned(each.mean, common.columns.length)));
    const places = (columns) => columns.map((column) => common.columns.indexOf(column)).filter((place) => place >= 0);
    function influence(name, columns) {
      const known = every.map((each) => partsOf(each, name));
      if (known.every(Boolean)) return less(...known);
      const chosen = common ? places(columns) : [];
      if (!chosen.length) return null;
      return statistics.influence(mean.map((value) => value / SUM_STEPS), common.count, common.columns.length, chosen);
    }
    const seedsOf = (each, place, name) => {
      const [excess, variance] = each.means[name]?.seeds ?? held[place]?.seeds[name] ?? [0, 0];
      return { excess, variance, freedom: each.freedom };
    };
    const test = (name, columns, value) => {
      const parts = value === null || value === undefined ? null : influence(name, columns);
      return parts && statistics.test(value, parts, every.map((each, place) => seedsOf(each, place, name)));
    };
    return Object.assign(test, { clusters: one.clusters, pairs: Boolean(common) });
  }
  return { row, tester };
})();
