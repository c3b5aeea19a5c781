// What every script of a page needs: elements, data files, the state in the address. Knows no table.
"use strict";
xbench.page = (() => {
  const root = document.body.dataset.root;

  function make(tag, attributes = {}, ...inside) {
    const svg = ["svg", "rect", "circle"].includes(tag);
    const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...inside);
    return element;
  }

  // A data file is a script, for a page opened from disk cannot fetch. It hands its value over by name, once.
  const waiting = new Map();
  function load(file, name = file) {
    self.xbenchData ??= {};
    if (Object.hasOwn(self.xbenchData, name)) return Promise.resolve(self.xbenchData[name]);
    if (!waiting.has(name)) {
      const script = make("script", { src: `${root}data/${file}.js` });
      const read = new Promise((done, fail) => {
        script.onload = () => done(self.xbenchData[name]);
        script.onerror = () => fail(new Error(`${script.src} cannot be read`));
      });
      document.head.append(script);
      waiting.set(name, read);
    }
    return waiting.get(name);
  }

  const recalled = () => new URLSearchParams(location.hash.slice(1));
  function remember(values) {
    const state = String(new URLSearchParams(values));
    if (location.hash.slice(1) !== state) history.replaceState(null, "", `#${state}`);
  }

  function save(name, type, content) {
    const link = make("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  return { root, make, load, recalled, remember, save };
})();
