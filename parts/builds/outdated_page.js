// What the page over all packages does beside being read; outdated_page.html includes it.
// A click on a heading sorts by it, a second one the other way round. A printed page shows all details.
(() => {
  'use strict';
  const body = document.querySelector('tbody');
  const headings = [...document.querySelectorAll('thead th')];

  const valueOf = (row, column) => row.cells[column].dataset.value;

  function sort(heading, kind) {
    const column = headings.indexOf(heading);
    const isDescending = heading.getAttribute('aria-sort') === 'ascending';
    const compare = kind === 'number'
      ? (one, other) => valueOf(one, column) - valueOf(other, column)
      : (one, other) => valueOf(one, column).localeCompare(valueOf(other, column), 'en', { numeric: true });
    const rows = [...body.rows].sort(compare);
    body.append(...(isDescending ? rows.reverse() : rows));
    for (const each of headings) each.setAttribute('aria-sort', 'none');
    heading.setAttribute('aria-sort', isDescending ? 'descending' : 'ascending');
  }

  for (const button of document.querySelectorAll('thead button')) {
    button.addEventListener('click', () => sort(button.closest('th'), button.dataset.sort));
  }

  let opened = [];
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details:not([open])')];
    for (const each of opened) each.open = true;
  });
  addEventListener('afterprint', () => {
    for (const each of opened) each.open = false;
  });
})();
