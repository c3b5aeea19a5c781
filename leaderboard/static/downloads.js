// A table's shown texts as CSV and as JSON. Knows no page.
"use strict";
xbench.downloads = (() => {
  const { DASH } = xbench.numbers;
  const { plain } = xbench.tables;

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
  // {names, lines} -> [type, content]
  return {
    csv: ({ names, lines }) => {
      const all = [names, ...lines.map((line) => line.map(valueIn))];
      return ["text/csv", `${all.map((line) => line.map(quoted).join(",")).join("\n")}\n`];
    },
    json: ({ names, lines }) => {
      const records = lines.map((line) => Object.fromEntries(line.map((text, place) => [names[place], typed(text)])));
      return ["application/json", JSON.stringify(records, null, 1)];
    },
  };
})();
