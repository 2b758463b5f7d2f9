// The button that opens the subpages in the navigation shows only an arrow: it gets a name.
addEventListener("DOMContentLoaded", () => {
  const name = document.documentElement.lang.startsWith("zh") ? "子页面" : "Subpages";
  for (const button of document.querySelectorAll("details > summary"))
    if (!button.textContent.trim()) button.setAttribute("aria-label", name);
});
