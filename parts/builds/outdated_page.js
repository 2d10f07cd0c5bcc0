// What the page over all packages does beside being read; outdated_page.html includes it.
// A click on a heading sorts by it, a second one the other way round. A printed page shows all details.
(() => {
  'use strict';
  const body = document.querySelector('tbody');
  const headings = [...document.querySelectorAll('thead th')];

  // On a telephone these are no boxes of a table any more; the roles keep it one for those who listen. In the page
  // itself they would not be valid, because they say what the elements are anyway.
  const ROLES = {
    table: 'table', thead: 'rowgroup', tbody: 'rowgroup', tr: 'row',
    'thead th': 'columnheader', 'tbody th': 'rowheader', td: 'cell',
  };
  for (const [selector, role] of Object.entries(ROLES)) {
    for (const each of document.querySelectorAll(selector)) each.setAttribute('role', role);
  }

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
