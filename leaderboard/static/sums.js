// A row's sums by cluster of questions, and the test of static/statistics.js on them. Knows data files, no page.
"use strict";
xbench.sums = (() => {
  const { load } = xbench.page;
  const STEPS = 65535; // means are kept in 16 bits

  const row = (page) => load(`runs/${page}`, page);
  const shared = (name) => load(`shared-${name}`, name);
  function numbers(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new Uint16Array(bytes.buffer);
  }
  function seedsOf(sums, name) {
    const [excess, variance] = sums.seeds[name] ?? [0, 0];
    return { excess, variance, freedom: sums.freedom };
  }

  // (setting's name, its columns, the value) -> its estimate, or null where the rows have no such columns. `others` is
  // empty for a row alone, whose own value has an interval, or holds the one row that it is compared with.
  async function tester(one, ...others) {
    const rows = [one, ...others];
    if (!rows.every((each) => each.sums && each.sums.shared === one.sums?.shared)) return null;
    const { columns: known, count: packed, clusters } = await shared(one.sums.shared);
    const count = numbers(packed);
    const [first, second] = rows.map((each) => numbers(each.sums.mean));
    const mean = Float64Array.from(first, (value, cell) => (value - (second ? second[cell] : 0)) / STEPS);
    const test = (name, columns, value) => {
      const places = columns.map((column) => known.indexOf(column)).filter((place) => place >= 0);
      if (!places.length || value === null || value === undefined) return null;
      const parts = statistics.influence(mean, count, known.length, places);
      return statistics.test(
        value,
        parts,
        rows.map((each) => seedsOf(each.sums, name)),
      );
    };
    return Object.assign(test, { clusters });
  }
  return { row, tester };
})();
