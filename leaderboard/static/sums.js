// Numbers of rows as xbench/board/carried.py packs them (scripts of base64, which the browser inflates), and the test
// of static/statistics.js on them. Knows data files, no page.
"use strict";
xbench.sums = (() => {
  const { load } = xbench.page;
  const SUM_STEPS = 255; // a cluster's mean is kept in 8 bits
  const PART_STEPS = 32767; // its part in the error of a mean in 16 bits, of the largest
  const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const inflated = (text) =>
    new Response(new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
  const json = async (text) => JSON.parse(new TextDecoder().decode(await inflated(text)));
  const opened = new Map(); // what was unpacked, by name
  function once(name, open) {
    if (!opened.has(name)) opened.set(name, open());
    return opened.get(name);
  }
  const index = () => once("rows", async () => json(await load("rows")));

  // From lists back to objects by pair and language.
  function unfolded(packed) {
    const { queries, documents, languages, own } = packed;
    const row = { ...packed, pairs: {}, share: {}, languages: {} };
    for (const [at, query] of queries.entries()) {
      for (const [next, document] of documents.entries()) {
        const place = at * documents.length + next;
        if (packed.n[place] !== null) row.pairs[`${query}-${document}`] = [packed.pairs[place], packed.n[place]];
        if (packed.share[place] === null) continue;
        row.share[query] ??= {};
        row.share[query][document] = [packed.share[place], packed.ideal[place]];
      }
    }
    for (const [place, code] of languages.entries()) {
      row.languages[code] = Object.fromEntries(Object.entries(own).map(([key, values]) => [key, values[place]]));
    }
    return row;
  }
  // A row's numbers, by the name of its page.
  const row = (page) =>
    once(`row ${page}`, async () => {
      const [block] = (await index())[page];
      return unfolded(await json((await load(`rows/${block}`))[page]));
    });
  // Its means by cluster and setting; null where they do not travel with the site.
  const sums = (page) =>
    once(`sums ${page}`, async () => {
      const [block, carried] = (await index())[page];
      if (!carried) return null;
      const held = (await load(`sums/${block}`))[page];
      return { seeds: held.seeds, mean: new Uint8Array(await inflated(held.mean)) };
    });
  // What all rows of a task have in common: settings, and how many questions each cluster has there.
  const shared = (name) =>
    once(`shared ${name}`, async () => {
      const held = await load(`shared-${name}`);
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
  const less = (first, second) => (second ? first.map((value, place) => value - second[place]) : first);

  // (setting's name, its columns, the value) -> its estimate, or null where it cannot be tested. `others` is empty for
  // a row alone, whose own value has an interval, or holds the one row that it is compared with. `clusters`: of
  // questions; `pairs`: whether any setting can be tested, and not the means alone. Null where there is nothing to
  // test, or the rows score different questions.
  async function tester(one, ...others) {
    const every = [one, ...others];
    if (!one.shared || every.some((each) => each.shared !== one.shared)) return null;
    const held = await Promise.all(every.map((each) => sums(each.id)));
    const common = held.every(Boolean) ? await shared(one.shared) : null;
    const mean = common && less(...held.map((each) => turned(each.mean, common.columns.length)));
    function influence(name, columns) {
      const known = every.map((each) => partsOf(each, name));
      if (known.every(Boolean)) return less(...known);
      if (!common) return null;
      const places = columns.map((column) => common.columns.indexOf(column)).filter((place) => place >= 0);
      if (!places.length) return null;
      const shares = mean.map((value) => value / SUM_STEPS);
      return statistics.influence(shares, common.count, common.columns.length, places);
    }
    function seedsOf(each, place, name) {
      const [excess, variance] = each.means[name]?.seeds ?? held[place]?.seeds[name] ?? [0, 0];
      return { excess, variance, freedom: each.freedom };
    }
    function test(name, columns, value) {
      if (value === null || value === undefined) return null;
      const parts = influence(name, columns);
      if (!parts) return null;
      return statistics.test(
        value,
        parts,
        every.map((each, place) => seedsOf(each, place, name)),
      );
    }
    return Object.assign(test, { clusters: one.clusters, pairs: Boolean(common) });
  }
  return { row, tester };
})();
