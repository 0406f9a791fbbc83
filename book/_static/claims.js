// The ledger of claims: choose a page and a kind, sort by a column. Without this script it is a
// plain table in the order of the book.
addEventListener("DOMContentLoaded", () => {
  const table = document.getElementById("ledger");
  if (!table) return;
  const rows = [...table.tBodies[0].rows];
  const text = (row, column) => row.cells[column].textContent;
  const choices = [
    ["page", 0],
    ["kind", 2],
  ].map(([name, column]) => {
    const label = document.createElement("label");
    const select = document.createElement("select");
    select.add(new Option("all", ""));
    for (const value of new Set(rows.map((row) => text(row, column)))) {
      select.add(new Option(value, value));
    }
    label.append(`${name} `, select);
    return { label, select, column };
  });
  const count = document.createElement("span");
  count.setAttribute("role", "status");

  const show = () => {
    let shown = 0;
    for (const row of rows) {
      row.hidden = choices.some(
        ({ select, column }) => select.value && text(row, column) !== select.value,
      );
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = `${shown} of ${rows.length} claims`;
  };

  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const falling = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      const sorted = [...rows].sort((a, b) => text(a, column).localeCompare(text(b, column)));
      table.tBodies[0].append(...(falling ? sorted.reverse() : sorted));
    });
  });

  const bar = document.createElement("div");
  bar.className = "ledger-bar";
  bar.append(...choices.map(({ label }) => label), count);
  table.parentElement.before(bar);
  choices.forEach(({ select }) => select.addEventListener("change", show));
  show();
  // A link to a row of this page was followed before the script had run: go there again.
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
});
