// The first page's table for one language, or one pair: its values take the place of those over all languages.
"use strict";
xbench.restricted = (() => {
  const { DASH, percent, ranks } = xbench.numbers;
  const { MEANS, scoreOf, spreadOf, settingOf } = xbench.systems;
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
  function restrict(rows, group, task, state, live) {
    const systems = new Map(task.systems.map((system) => [system.key, system]));
    const own = group.columns.filter((each) => each !== group.verdict);
    for (const each of rows) {
      const { cells, row } = each;
      const system = systems.get(each.published ? each.key : xbench.board.pageOn(each, group));
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

  return { restore, restrict, isCode, isRestricted };
})();
