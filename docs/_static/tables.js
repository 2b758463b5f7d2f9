// A table that is wider than its place gets smaller text. If this is not enough, it is shown
// as a list: one block for each row, with the column names next to the values. Roles keep it
// a table for screen readers.
const ROLES = { table: "table", thead: "rowgroup", tbody: "rowgroup", tr: "row",
                th: "columnheader", td: "cell" };

function label(table) {
  const names = [...table.querySelectorAll("thead th")].map((th) => th.textContent.trim());
  for (const row of table.querySelectorAll("tbody tr"))
    [...row.cells].forEach((cell, i) => { cell.dataset.label = names[i] ?? ""; });
  for (const part of [table, ...table.querySelectorAll("thead, tbody, tr, th, td")])
    part.setAttribute("role", ROLES[part.localName]);
}

function fit() {
  for (const table of document.querySelectorAll(".bd-article table.table")) {
    const isWide = () => table.scrollWidth > table.parentElement.clientWidth + 1;
    table.classList.remove("compact", "stacked");
    if (isWide()) table.classList.add("compact");
    if (!isWide()) continue;
    if (!table.hasAttribute("role")) label(table);
    table.classList.add("stacked");
  }
}

addEventListener("DOMContentLoaded", fit);
addEventListener("resize", fit);
addEventListener("load", () => {
  fit();
  window.MathJax?.startup?.promise?.then(fit);
});
