
// What stands on a slide, beside the viewer's own words: review_page.html includes this where it is known.
(() => {
  'use strict';
  const stage = document.querySelector('dialog .stage');
  const where = document.querySelector('dialog .where');

  // In the language of the course, though the viewer is English.
  const { lang, dir } = document.documentElement;
  const heading = Object.assign(document.createElement('bdi'), { className: 'heading', lang, dir });
  where.prepend(heading);

  new MutationObserver(() => {
    const shown = stage.firstElementChild;
    const file = shown?.getAttribute('src');
    const tile = file ? document.querySelector(`.tile[data-file="${CSS.escape(file)}"]`) : null;
    const label = tile?.querySelector('video')?.getAttribute('aria-label');
    const picture = tile?.querySelector('img');
    heading.textContent = tile?.querySelector('.heading bdi')?.textContent ?? label ?? '';
    if (picture) Object.assign(shown, { alt: picture.alt, lang });
    if (label) Object.assign(shown, { ariaLabel: label, lang });
  }).observe(stage, { childList: true });
})();
