// Tables to choose from: pick rows by what stands in some columns, sort by any. The ledger of claims
// and the survey of language models are such tables. Without this script they are plain ones.
// data-choose: the columns to pick by; data-rows: what a row is. A cell may say what it is picked
// by, data-choice, and what it is sorted by, data-value.
addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("table[data-choose]").forEach(choosable);
  // A link to a row of this page was followed before the script had run: go there again.
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
});

function choosable(table) {
  const rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells];
  const choice = (row, column) =>
    row.cells[column].dataset.choice ?? row.cells[column].textContent;
  const value = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent;

  const choices = table.dataset.choose.split(" ").map(Number).map((column) => {
    const label = document.createElement("label");
    const select = document.createElement("select");
    select.add(new Option("all", ""));
    for (const each of new Set(rows.map((row) => choice(row, column)))) {
      select.add(new Option(each, each));
    }
    label.append(`${heads[column].textContent} `, select);
    return { label, select, column };
  });
  const count = document.createElement("span");
  count.setAttribute("role", "status");

  const show = () => {
    let shown = 0;
    for (const row of rows) {
      row.hidden = choices.some(
        ({ select, column }) => select.value && choice(row, column) !== select.value,
      );
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = `${shown} of ${rows.length} ${table.dataset.rows}`;
  };

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const falling = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      const sorted = [...rows].sort((a, b) => inOrder(value(a, column), value(b, column)));
      table.tBodies[0].append(...(falling ? sorted.reverse() : sorted));
    });
  });

  const bar = document.createElement("div");
  bar.className = "table-bar";
  bar.append(...choices.map(({ label }) => label), count);
  table.parentElement.before(bar);
  choices.forEach(({ select }) => select.addEventListener("change", show));
  show();
}

// Numbers as numbers, a missing one first, and everything else as words.
function inOrder(a, b) {
  const difference = Number(a) - Number(b);
  return Number.isNaN(difference) ? a.localeCompare(b) : difference;
}
