// Light or dark: the reader's setting until the button says otherwise; before the page is drawn, so nothing flashes.
"use strict";
(() => {
  const THEMES = ["auto", "light", "dark"];
  const element = document.documentElement;

  function kept() {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage is off
    }
  }
  function keep(name) {
    try {
      localStorage.setItem("theme", name);
    } catch {
      // storage is off: this page only
    }
  }

  element.dataset.theme = THEMES.includes(kept()) ? kept() : "auto";
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const say = () => {
      button.textContent = `Theme: ${element.dataset.theme}`;
    };
    button.hidden = false;
    button.onclick = () => {
      const next = THEMES[(THEMES.indexOf(element.dataset.theme) + 1) % THEMES.length];
      element.dataset.theme = next;
      keep(next);
      say();
    };
    say();
  });
})();
