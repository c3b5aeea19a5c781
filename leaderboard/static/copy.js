// A button beside each command, which puts it on the clipboard; without script there is none.
"use strict";
for (const block of document.querySelectorAll("pre[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-live", "polite");
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(block.textContent.trim());
      button.textContent = "Copied";
    } catch {
      // no access to the clipboard: mark the text, so that the keyboard can copy it
      getSelection().selectAllChildren(block);
      button.textContent = "Marked: press Ctrl+C";
    }
    setTimeout(() => {
      button.textContent = "Copy";
    }, 2000);
  };
  block.before(button);
}
