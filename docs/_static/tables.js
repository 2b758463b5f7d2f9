// A table that is wider than the page is shown as a list: one block for each row, and the
// column names next to the values. Roles keep it a table for screen readers.
const ROLES = { table: "table", thead: "rowgroup", tbody: "rowgroup", tr: "row",
                th: "columnheader", td: "cell" };

function label(table) {
  const names = [...table.querySelectorAll("thead th")].map((th) => th.textContent.trim());
  for (const row of table.querySelectorAll("tbody tr"))
    [...row.cells].forEach((cell, i) => { cell.dataset.label = names[i] ?? ""; });
  for (const part of [table, ...table.querySelectorAll("thead, tbody, tr, th, td")])
    part.setAttribute("role", part.scope === "row" ? "rowheader" : ROLES[part.localName]);
}

function fit() {
  for (const table of document.querySelectorAll(".bd-article table.docutils")) {
    if (!table.tHead) continue;
    table.classList.remove("stacked");
    const room = table.parentElement.clientWidth;
    if (table.scrollWidth <= room + 1) continue;
    if (!table.hasAttribute("role")) label(table);
    table.classList.add("stacked");
  }
}

addEventListener("DOMContentLoaded", fit);
addEventListener("load", fit);
addEventListener("resize", fit);
window.MathJax?.startup?.promise?.then(fit);
