"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const search = document.getElementById("search");
  const count = document.getElementById("count");
  const rows = all("[data-text]").map((element) => ({
    element,
    text: element.dataset.text.toLowerCase(),
    statuses: new Set(element.dataset.s.split(" ")),
    isOp: element.closest(".family") !== null,
  }));
  const groups = all(".family").map((element) => ({ element, rows: all("[data-text]", element) }));
  const ops = rows.filter((row) => row.isOp).length;
  const filters = all(".filter");

  // A status that no row has is of no use as a filter.
  const present = new Set(rows.flatMap((row) => [...row.statuses]));
  for (const button of filters) button.hidden = !present.has(button.dataset.status);

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = filters.filter((b) => b.ariaPressed === "true").map((b) => b.dataset.status);
    let shown = 0;
    for (const row of rows) {
      const matches =
        words.every((word) => row.text.includes(word)) &&
        (!wanted.length || wanted.some((status) => row.statuses.has(status)));
      row.element.hidden = !matches;
      shown += matches && row.isOp;
    }
    for (const group of groups) {
      const some = group.rows.some((row) => !row.hidden);
      group.element.hidden = !some;
      if (some && (words.length || wanted.length)) group.element.open = true;
    }
    for (const section of all("main > section")) {
      const inside = all("[data-text]", section);
      section.hidden = inside.length > 0 && inside.every((element) => element.hidden);
    }
    count.textContent = words.length || wanted.length ? `${shown} of ${ops} ops and programs` : "";
  };

  let waiting = 0;
  search.addEventListener("input", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(apply);
  });
  for (const button of filters) {
    button.addEventListener("click", () => {
      button.ariaPressed = String(button.ariaPressed !== "true");
      apply();
    });
  }
  document.addEventListener("keydown", (event) => {
    const typing = /^(input|textarea|select)$/.test(event.target.localName ?? "");
    if (event.key === "/" && !typing) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && event.target === search) {
      search.value = "";
      apply();
    }
  });

  // A cell leads to its cause, which is opened.
  const reveal = () => {
    const target = /^#cause-\d+$/.test(location.hash) && document.querySelector(location.hash);
    if (!target) return;
    if (target.hidden) {
      search.value = "";
      for (const button of filters) button.ariaPressed = "false";
      apply();
    }
    target.open = true;
    target.querySelector("summary").focus({ preventScroll: true });
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);

  const theme = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try {
      return localStorage.getItem("autograd-conformance-theme");
    } catch {
      return null; // storage is refused to pages opened as files in some browsers
    }
  };
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const label = () => {
    theme.textContent = isDark() ? "light" : "dark";
    theme.ariaPressed = String(isDark());
    theme.ariaLabel = `Switch to ${theme.textContent} colours`;
  };
  if (stored()) root.dataset.theme = stored();
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    label();
    try {
      localStorage.setItem("autograd-conformance-theme", root.dataset.theme);
    } catch {
      // then the choice lasts as long as the page
    }
  });
  system.addEventListener("change", label);
  label();

  for (const button of all(".copy")) {
    button.addEventListener("click", async () => {
      const text = button.parentElement.querySelector("code, pre").textContent;
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "copied";
      } catch {
        const range = document.createRange();
        range.selectNodeContents(button.parentElement.querySelector("code, pre"));
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        button.textContent = "selected";
      }
      setTimeout(() => (button.textContent = "copy"), 1500);
    });
  }
  reveal();
})();
