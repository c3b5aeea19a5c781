// Light or dark: the reader's setting until the button says otherwise; before the page is drawn, so that nothing flashes.
"use strict";
const themes = ["auto", "light", "dark"];
const kept = { get: () => { try { return localStorage.getItem("theme"); } catch { return null; } },
  set: (name) => { try { localStorage.setItem("theme", name); } catch { /* storage is off: this page only */ } } };
const paint = (name) => { document.documentElement.dataset.theme = name; };
paint(themes.includes(kept.get()) ? kept.get() : "auto");
addEventListener("DOMContentLoaded", () => {
  const button = document.getElementById("theme");
  const say = () => { button.textContent = `Theme: ${document.documentElement.dataset.theme}`; };
  button.hidden = false;
  button.onclick = () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length];
    paint(next); kept.set(next); say();
  };
  say();
});
