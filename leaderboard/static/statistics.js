// Is a difference more than chance? The one test, as xbench/evaluation/statistics.py has it; both answer
// tests/evaluation/statistics_cases.json.
"use strict";
// biome-ignore lint/correctness/noUnusedVariables: other scripts of the page use it
const statistics = (() => {
  const LEVEL = 0.05;
  const ROUNDING = 1e-12;

  // Logarithm of the gamma function: Stirling's series, after the argument is raised to where it is exact enough.
  function logGamma(x) {
    let shift = 0;
    for (; x < 12; x++) shift -= Math.log(x);
    const inverse = 1 / (x * x);
    return (
      shift +
      (x - 0.5) * Math.log(x) -
      x +
      0.5 * Math.log(2 * Math.PI) +
      (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / x
    );
  }
  // Regularised incomplete beta function: its continued fraction, by Lentz's method.
  function beta(x, a, b) {
    if (x <= 0) return 0;
    if (x >= 1) return 1;
    if (x > (a + 1) / (a + b + 2)) return 1 - beta(1 - x, b, a);
    const tiny = 1e-300;
    const kept = (value) => (Math.abs(value) < tiny ? tiny : value);
    let top = 1;
    let bottom = 1 / kept(1 - ((a + b) * x) / (a + 1));
    let fraction = bottom;
    for (let n = 1; n < 10000; n++) {
      const even = (n * (b - n) * x) / ((a + 2 * n - 1) * (a + 2 * n));
      bottom = 1 / kept(1 + even * bottom);
      top = kept(1 + even / top);
      fraction *= top * bottom;
      const odd = (-(a + n) * (a + b + n) * x) / ((a + 2 * n) * (a + 2 * n + 1));
      bottom = 1 / kept(1 + odd * bottom);
      top = kept(1 + odd / top);
      const change = top * bottom;
      fraction *= change;
      if (Math.abs(change - 1) < 1e-15) break;
    }
    return (
      (fraction / a) * Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
    );
  }
  // The probability of Student's t beyond `distance`, one-sided; and below which it lies with a probability.
  function tail(distance, freedom) {
    const half = 0.5 * beta(freedom / (freedom + distance * distance), freedom / 2, 0.5);
    return distance < 0 ? 1 - half : half;
  }
  function quantile(share, freedom) {
    if (share < 0.5) return -quantile(1 - share, freedom);
    let low = 0;
    let high = 1;
    while (tail(high, freedom) > 1 - share) [low, high] = [high, 2 * high];
    for (let turn = 0; turn < 100; turn++) {
      const middle = (low + high) / 2;
      if (tail(middle, freedom) > 1 - share) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }
  // Holm's correction over those that are not null.
  function holm(values) {
    const order = values
      .map((_, place) => place)
      .filter((place) => values[place] !== null)
      .sort((a, b) => values[a] - values[b]);
    const corrected = values.map(() => null);
    let highest = 0;
    order.forEach((which, place) => {
      highest = Math.max(highest, Math.min(1, (order.length - place) * values[which]));
      corrected[which] = highest;
    });
    return corrected;
  }
  // Each cluster's part in the error of a macro mean over `columns`, of the clusters that have a query there.
  // `mean`, `count`: cluster after cluster, `width` columns each.
  function influence(mean, count, width, columns) {
    const rows = count.length / width;
    const parts = new Float64Array(rows);
    const present = new Uint8Array(rows);
    for (const column of columns) {
      let scored = 0;
      let sum = 0;
      for (let cell = column; cell < count.length; cell += width) {
        scored += count[cell];
        sum += count[cell] * mean[cell];
      }
      for (let row = 0; row < rows; row++) {
        const share = count[row * width + column] / scored;
        if (!share) continue;
        present[row] = 1;
        parts[row] +=
          (share * (mean[row * width + column] - sum / scored)) / Math.sqrt(share < 1 ? 1 - share : 1) / columns.length;
      }
    }
    return parts.filter((_, row) => present[row]);
  }
  // A difference with its error, degrees of freedom, 95 % interval and p. `parts`: the influence of the difference of
  // means over seeds; `seeds`: of each side {excess, variance, freedom}.
  function test(value, parts, seeds) {
    const clusters = parts.length;
    if (clusters < 2) return null;
    const cluster = parts.reduce((sum, part) => sum + part * part, 0);
    const counted = seeds.filter(({ excess }) => excess > 0);
    const variance = counted.reduce((sum, { excess }) => sum + excess, cluster);
    const spread = counted.reduce(
      (sum, part) => sum + part.variance ** 2 / part.freedom,
      cluster ** 2 / (clusters - 1),
    );
    const freedom = Math.max(1, spread > 0 ? variance ** 2 / spread : clusters - 1);
    const error = Math.sqrt(variance);
    const none = ROUNDING * (1 + Math.abs(value));
    const noisy = error > none;
    const p = noisy ? 2 * tail(Math.abs(value) / error, freedom) : Math.abs(value) <= none ? 1 : 2 * 0.5 ** clusters;
    return { value, error, freedom, clusters, half: quantile(1 - LEVEL / 2, freedom) * error, p: Math.min(1, p) };
  }
  // p of the claim that a difference is above a bound, one-sided; and that it is within a margin (two one-sided tests).
  function above({ value, error, freedom, clusters }, bound) {
    const distance = value - bound;
    const none = ROUNDING * (1 + Math.abs(value));
    if (error > none) return tail(distance / error, freedom);
    if (Math.abs(distance) <= none) return 0.5;
    return distance > 0 ? 0.5 ** clusters : 1;
  }
  const within = (estimate, margin) =>
    Math.max(above(estimate, -margin), above({ ...estimate, value: -estimate.value }, -margin));
  return { LEVEL, tail, quantile, holm, influence, test, above, within };
})();
