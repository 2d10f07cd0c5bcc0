// What index.html does beside being read; review_page.html includes it. A click on a
// picture or a caption opens the viewer, and the keys of a presentation go through the sequence.
(() => {
  'use strict';
  const root = document.documentElement;
  const viewer = document.querySelector('dialog');
  const stage = viewer.querySelector('.stage');
  const headingThere = viewer.querySelector('.where .heading');
  const placeThere = viewer.querySelector('.where .place bdi');
  const builders = document.querySelector('.builders');
  const tiles = [...document.querySelectorAll('.tile')];
  const [FORTH, BACK] = document.dir === 'rtl' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowRight', 'ArrowLeft'];
  let current = tiles[0];
  let led = null; // the tile that a link led to and the viewer began at

  const sequenceOf = (tile) => [...tile.closest('section').querySelectorAll('.tile')];

  function elementFor(tile) {
    const file = tile.dataset.file;
    if (!file) {
      const why = builders.open ? tile.querySelector('.reason')?.textContent : '';
      return Object.assign(document.createElement('p'), {
        className: 'hole', dir: 'ltr', textContent: why ? `missing: ${why}` : 'missing',
      });
    }
    if (file.endsWith('.mp4')) {
      const video = Object.assign(document.createElement('video'), { src: file, controls: true, autoplay: true });
      const label = tile.querySelector('video').getAttribute('aria-label');
      if (label) Object.assign(video, { ariaLabel: label, lang: root.lang });
      return video;
    }
    const picture = tile.querySelector('img');
    return Object.assign(document.createElement('img'), {
      src: file, alt: picture ? picture.alt : tile.dataset.key, lang: root.lang,
    });
  }

  function show(tile) {
    current = tile;
    for (const video of document.querySelectorAll('video')) video.pause();
    stage.replaceChildren(elementFor(tile));
    headingThere.textContent = tile.querySelector('.heading bdi')?.textContent
      ?? tile.querySelector('video')?.getAttribute('aria-label') ?? '';
    const place = [tile.closest('section').dataset.title, tile.dataset.place];
    placeThere.textContent = [...place, ...(builders.open ? [tile.dataset.key] : [])].join(' · ');
    if (!viewer.open) {
      viewer.showModal();
      holdThePage();
    }
    // The next picture is there when it is asked for.
    const next = neighbour(1);
    if (next?.dataset.file?.endsWith('.png')) new Image().src = next.dataset.file;
  }

  // The page behind neither scrolls nor moves when its scroll bar goes.
  function holdThePage() {
    const { body } = document;
    const before = body.getBoundingClientRect();
    root.classList.add('viewing');
    const after = body.getBoundingClientRect();
    body.style.paddingLeft = `${before.left - after.left}px`;
    body.style.paddingRight = `${after.right - before.right}px`;
  }

  function letThePageGo() {
    root.classList.remove('viewing');
    document.body.style.padding = '';
  }

  function neighbour(step) {
    const sequence = sequenceOf(current);
    return sequence[sequence.indexOf(current) + step];
  }

  function go(tile) {
    if (tile) show(tile);
  }

  function close() {
    viewer.close();
  }

  function isInView(tile) {
    const { top, bottom } = tile.getBoundingClientRect();
    return top >= 0 && bottom <= root.clientHeight;
  }

  function playOrPause(video) {
    if (video.paused) video.play().catch(() => {}); // that it cannot be played is seen
    else video.pause();
  }

  viewer.addEventListener('close', () => {
    if (viewer.open) return; // the event is late: a key has opened the viewer again
    letThePageGo();
    stage.replaceChildren();
    if (!isInView(current)) current.scrollIntoView({ block: 'center' });
    current.querySelector('a')?.focus({ preventScroll: true });
  });
  viewer.querySelector('.back').addEventListener('click', () => go(neighbour(-1)));
  viewer.querySelector('.forth').addEventListener('click', () => go(neighbour(1)));
  viewer.querySelector('.close').addEventListener('click', close);

  document.addEventListener('click', (event) => {
    const tile = event.target.closest('.tile a') && event.target.closest('.tile');
    if (!tile || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(tile);
  });

  // Before the players get them: to them an arrow means to skip some seconds.
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !current) return;
    if (event.key === ' ' && event.target.closest('button')) return; // that presses it
    const sequence = sequenceOf(current);
    const video = stage.querySelector('video');
    const inViewer = {
      [FORTH]: () => go(neighbour(1)),
      [BACK]: () => go(neighbour(-1)),
      ArrowDown: () => go(neighbour(1)),
      ArrowUp: () => go(neighbour(-1)),
      PageDown: () => go(neighbour(1)),
      PageUp: () => go(neighbour(-1)),
      ' ': () => {
        if (!video) go(neighbour(1));
        else if (!event.repeat) playOrPause(video);
      },
      Home: () => go(sequence[0]),
      End: () => go(sequence.at(-1)),
      Escape: close,
    };
    const onPage = { [FORTH]: () => show(startingPoint()), [BACK]: () => show(startingPoint()) };
    const action = (viewer.open ? inViewer : onPage)[event.key];
    if (!action || (!viewer.open && event.target.closest('video'))) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }, true);

  // Where a reader is: at the tile with the focus, at the one that a link led to, at the one looked at last.
  function startingPoint() {
    const target = document.querySelector('.tile:target, section:target .tile');
    return document.activeElement.closest?.('.tile') ?? (target !== led ? (led = target) : null) ?? current;
  }

  // Who prints with the part for builders open wants all of it.
  let unfolded = [];
  addEventListener('beforeprint', () => {
    unfolded = builders.open ? [...builders.querySelectorAll('details:not([open])')] : [];
    for (const each of unfolded) each.open = true;
  });
  addEventListener('afterprint', () => {
    for (const each of unfolded) each.open = false;
  });
})();
