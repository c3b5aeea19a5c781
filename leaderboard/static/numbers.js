// How numbers read: the texts of xbench/board/pages.py. One table of cases, made from those functions, holds both
// (tests/board/test_page_scripts.py). Knows no page.
"use strict";
const xbench = {};

xbench.numbers = (() => {
  const DASH = "–";
  const MINUS = "−";
  const SHADES = 20;
  const LARGEST = 1e9; // beyond it, powers of ten
  const SMALLEST_P = 0.00005;

  const known = (value) => value !== null && value !== undefined;
  const given = (show) => (value) => (known(value) ? show(value) : DASH);

  // Fixed digits, exact halves to the even neighbour as Python has it; toFixed takes them away from zero. A double is
  // an exact half of the last digit only where 5^digits divides twice its scaled value.
  function fixed(value, digits) {
    const doubled = 2 * Math.abs(value) * 10 ** digits;
    if (doubled % 2 !== 1 || doubled % 5 ** digits !== 0) return value.toFixed(digits);
    const below = Math.floor(doubled / 2);
    const even = (below + (below % 2)) / 10 ** digits;
    return (value < 0 ? "-" : "") + even.toFixed(digits);
  }
  const grouped = (text) => text.replace(/\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
  function power(value) {
    const [mantissa, exponent] = value.toExponential(20).split("e");
    const half = /\.\d50+$/.test(mantissa);
    const text = half ? `${fixed(Number(mantissa), 1)}e${exponent}` : value.toExponential(1);
    return text.replace(/e([+-])(\d)$/, "e$10$2");
  }

  // 1234.56 -> 1,234.6 and 120 -> 120, or a fixed number of digits.
  const number = (digits) =>
    given((value) => {
      if (Math.abs(value) >= LARGEST) return power(value).replaceAll("-", MINUS);
      const text = grouped(fixed(value, digits ?? 1));
      const short = digits === undefined ? text.replace(/\.0$/, "") : text;
      return /[1-9]/.test(short) ? short.replace("-", MINUS) : short.replace("-", "");
    });
  const tenths = number(1);
  const percent = given((value) => tenths(100 * value));
  const withSign = (text) => (text === DASH || text.startsWith(MINUS) || !/[1-9]/.test(text) ? text : `+${text}`);

  // Digits after the point at which half an interval of so many points has two that say something.
  const digitsFor = (half) => (half > 0 ? Math.min(4, Math.max(1, 1 - Math.floor(Math.log10(half)))) : 1);

  return {
    DASH,
    MINUS,
    SHADES,
    percent,
    ranks: number(0),
    decimal: number(3),
    number: number(),
    signed: (value) => withSign(percent(value)),
    points: (value, digits) => number(digits)(known(value) ? 100 * value : value),
    withSign,
    digitsFor: (half) => (known(half) ? digitsFor(100 * half) : 1),
    probability: (p) => (p >= SMALLEST_P ? fixed(p, 4) : "<.0001"),
    // The class of a heat map's cell: h0 for 0 to h19 for `largest`, hx where there is no value.
    shade: (value, largest = 1) =>
      known(value) && largest ? `h${Math.min(SHADES - 1, Math.max(0, Math.trunc((SHADES * value) / largest)))}` : "hx",
  };
})();
