// What the slide builder does inside the presenter's page. It is injected before the page's own
// scripts, and presenter.py calls it. What it knows of the page was read from the presenter's
// public source (front end built 2026-04) and measured in headless Chromium 156.
(() => {
  'use strict';
  if (window.top !== window) return;

  const FOLLOW = 3000; // ms in which the page must follow a change of its address
  const GRACE = 300; // ms in which the page may replace a broken picture by another

  const TICK = 4; // ms between two looks at something that is waited for
  const STILL = 50; // ms without a change after which a layout counts as settled

  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  /** The absolute address of what comes over HTTP, without a fragment; '' for anything else. */
  function absolute(address) {
    const url = URL.canParse(address, document.baseURI) ? new URL(address, document.baseURI) : null;
    return url && /^https?:$/.test(url.protocol) ? url.href.replace(/#.*/, '') : '';
  }

  // ---- pictures, icons and fonts under fixed addresses ----

  const MOST_ASSETS = 500;
  const assetsSeen = new Map(); // address -> as the page wrote it
  const assetsHandedOver = new Set();

  function noteAsset(used, written = used) {
    const address = absolute(used);
    if (address && !assetsSeen.has(address)) assetsSeen.set(address, written ?? used);
  }

  // What style sheets load; browsers do not tell it of those of other hosts.
  const isSheet = (entry) => entry.contentType === 'text/css' || /\.css$/i.test(new URL(entry.name).pathname);
  const loadedBySheets = new PerformanceObserver((list) => noteLoaded(list.getEntries()));
  loadedBySheets.observe({ type: 'resource', buffered: true });

  function noteLoaded(entries) {
    for (const entry of entries) if (entry.initiatorType === 'css' && !isSheet(entry)) noteAsset(entry.name);
  }

  /** Returns the addresses that were noted since the last time and that no slide's own data names. */
  function newAssets() {
    noteLoaded(loadedBySheets.takeRecords());
    const found = [];
    for (const [address, written] of assetsSeen) {
      if (assetsHandedOver.has(address) || assetsHandedOver.size >= MOST_ASSETS) continue;
      assetsHandedOver.add(address);
      if (!isNamed(address, written)) found.push(address);
    }
    return found;
  }

  let dataText = ''; // what the page says of all slides

  function isNamed(address, written) {
    dataText ||= JSON.stringify(Object.keys(CONSTANTS).map((name) => asItCame[name]));
    const { pathname, search, searchParams, protocol } = new URL(address);
    const whole = [address, address.slice(protocol.length)];
    const parts = [pathname + search, pathname.split('/').pop()];
    const forms = (text) => [text, text.replaceAll('&', '&amp;'), decoded(text)];
    if (whole.flatMap(forms).some((text) => dataText.includes(text))) return true;
    // A part of an address may also be part of another one, so it has to stand where an address begins.
    const inQuotes = [...parts, written].filter((text) => text.length > 1).flatMap(forms);
    if (inQuotes.some((text) => ['"', "'", '('].some((mark) => dataText.includes(mark + text)))) return true;
    // A QR code has what it shows in its address.
    return [...searchParams.values()].some((value) => /^https?:/.test(value) && dataText.includes(value));
  }

  function decoded(text) {
    try {
      return decodeURI(text);
    } catch {
      return text;
    }
  }

  // ---- icons that scripts fetch as SVG ----

  const fetching = new Map(); // address -> how many requests for it are under way
  const brokenIcons = new Set(); // since the page was loaded
  const brokenForSlide = new Set(); // since the slide on show was rendered

  const isIcon = (address) => /\.svg$/i.test(new URL(address, location.href).pathname);

  function started(address) {
    noteAsset(address);
    fetching.set(address, (fetching.get(address) || 0) + 1);
  }

  function ended(address, good) {
    if (good) brokenIcons.delete(address);
    else for (const broken of [brokenIcons, brokenForSlide]) broken.add(address);
    // One turn later the page has put the icon in its place.
    setTimeout(() => {
      fetching.set(address, fetching.get(address) - 1);
      if (!fetching.get(address)) fetching.delete(address);
    });
  }

  const pageFetch = window.fetch;
  window.fetch = function fetch(resource, ...rest) {
    const promise = pageFetch.call(this, resource, ...rest);
    const address = String(resource?.url ?? resource);
    if (isIcon(address)) {
      started(address);
      promise.then((response) => response.clone().text().then(() => ended(address, response.ok)))
        .catch(() => ended(address, false));
    }
    return promise;
  };

  const pageOpen = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function open(method, address, ...rest) {
    if (isIcon(String(address))) {
      this.addEventListener('loadstart', () => started(String(address)), { once: true });
      this.addEventListener('loadend', () => ended(String(address), this.status === 200), { once: true });
    }
    return pageOpen.call(this, method, address, ...rest);
  };

  // ---- style sheets, which say where the fonts are ----

  const failedSheets = new Set();
  document.addEventListener('error', (event) => {
    if (event.target.matches?.('link[rel~="stylesheet"]')) failedSheets.add(event.target);
  }, true);

  const missingSheets = () => [...failedSheets].map((link) => link.href);

  const pendingSheet = () => [...document.querySelectorAll('link[rel~="stylesheet"]')]
    .find((link) => !link.sheet && !link.disabled && !failedSheets.has(link));

  // ---- changes of the page ----

  let changes = 0; // on the slide; changes elsewhere on the page do not matter
  new MutationObserver((records) => {
    changes += records.filter((record) => slideshow()?.contains(record.target)).length;
  }).observe(document, {
    subtree: true, childList: true, attributes: true, characterData: true,
  });

  // ---- the page's own data ----

  // The page's constants are lexical: free names, not properties of window.
  const CONSTANTS = {
    ten_session: () => zume10Sessions,
    twenty_session: () => zume20Sessions,
    intensive_session: () => zumeIntensiveSessions,
  };

  function valueOf(read) {
    try {
      return read() ?? null;
    } catch {
      return null; // the page does not define it
    }
  }

  /** Returns which page this is: its language, and whether it has a presenter at all. */
  const served = () => ({
    language: valueOf(() => jsObject.language),
    presenter: Boolean(document.querySelector('course-presenter')),
  });

  // ---- what the page says of the course ----

  // Taken from the page as it came: its scripts may write into the objects that they show.
  const asItCame = { root: null };

  /** Keeps a copy of a value that is data, and of nothing else. */
  function copyOf(value) {
    try {
      return JSON.parse(JSON.stringify(value)) ?? null;
    } catch {
      return null;
    }
  }

  function keepWhatCame() {
    const html = document.documentElement;
    asItCame.root ??= html && { lang: html.getAttribute('lang') ?? '', dir: html.getAttribute('dir') ?? '' };
    for (const [name, read] of Object.entries({ ...CONSTANTS, items: () => zumeTrainingItems })) {
      asItCame[name] ??= copyOf(valueOf(read));
    }
  }

  // The observer's turn comes between two scripts, so each constant is kept before another script can see it.
  const coming = new MutationObserver(keepWhatCame);
  coming.observe(document, { subtree: true, childList: true });
  document.addEventListener('DOMContentLoaded', () => {
    keepWhatCame();
    coming.disconnect();
  });

  const fileOf = (element) => ({
    address: element.href || element.src || document.baseURI,
    content: element.localName === 'style' ? element.textContent : null,
  });

  /** Returns as JSON what the page says of the whole course, for the case that nothing but a browser can read it. */
  function page() {
    keepWhatCame();
    const filesOf = (selector) => [...document.querySelectorAll(selector)].map(fileOf);
    return JSON.stringify({
      curricula: Object.fromEntries(Object.keys(CONSTANTS).map((name) => [name, asItCame[name] ?? null])),
      items: asItCame.items ?? null,
      root: asItCame.root,
      mirror: valueOf(() => jsObject.mirror_url),
      address: location.href,
      sheets: filesOf('link[rel~="stylesheet"]:not([rel~="alternate"]), style'),
      scripts: filesOf('script[src]'),
    });
  }

  /** Returns as JSON what decides the picture of a slide, or null if the page does not say it. */
  function whatIsShown({ curriculum, session, key }) {
    const data = asItCame[curriculum]?.[session - 1]?.find((one) => one?.key === key);
    if (!data) return null;
    const title = asItCame.items?.[data.alt_video_id]?.title_en;
    const { lang, dir: direction } = asItCame.root ?? {};
    return JSON.stringify({ data, title, language: valueOf(() => jsObject.language), lang, direction });
  }

  // ---- going to a slide ----

  const slideshow = () => document.querySelector('course-slideshow');
  const elementOf = (slide) => document.getElementById(slide.key);

  function loadedFonts() {
    return [...document.fonts].filter((face) => face.status === 'loaded').length;
  }

  let fontsAtRender = -1; // unknown: the first slide was rendered while the page loaded

  /** Resolves to whether any slide is shown before the deadline. Which one is checked elsewhere. */
  async function slideAppears(deadline) {
    while (!slideshow()?.currentSlide || !elementOf(slideshow().currentSlide)) {
      if (performance.now() > deadline) return false;
      await pause(TICK);
    }
    const rendered = elementOf(slideshow().currentSlide)?.updateComplete;
    await Promise.race([rendered, pause(deadline - performance.now())]);
    return true;
  }

  const isShown = (slide) => slideshow().currentSlide?.key === slide.key
    && new URLSearchParams(location.search).get('session') === String(slide.session);

  function setAddress(slide) {
    const address = new URL(location.href);
    address.searchParams.set('session', slide.session);
    address.searchParams.set('slide', slide.key);
    history.replaceState(null, '', address);
  }

  /**
   * Shows a slide in an element of its own. The element of a slide of the same type would be reused
   * without its first-render work, so the old one has to go first.
   * Resolves to whether the page followed.
   */
  async function go(slide, deadline) {
    const show = slideshow();
    const before = show.currentSlide;
    const again = isShown(slide);
    const old = before && elementOf(before);
    show.currentSlide = null;
    await show.updateComplete;
    while (old?.isConnected) {
      if (performance.now() > deadline) return false;
      await pause(TICK);
    }
    fontsAtRender = loadedFonts();
    loadedAtRender = loaded.size;
    brokenForSlide.clear();
    if (again) {
      // The page takes this slide for the one that it shows, and would not render it again.
      show.currentSlide = before;
    } else {
      setAddress(slide);
      window.dispatchEvent(new PopStateEvent('popstate'));
    }
    await show.updateComplete;
    return slideAppears(deadline);
  }

  // ---- what has to hold before a picture is taken ----

  let deadline = 0; // for the slide on show, on the clock of performance.now()

  const isRendered = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });

  function isVisible(element) {
    if (!isRendered(element)) return false;
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0
      && box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight;
  }

  const visibleElements = () => [document.documentElement, ...document.querySelectorAll('body, body *')].filter(isVisible);

  /** Says what is wrong with the slide on show, or nothing. */
  function identityFault(slide, language) {
    const element = elementOf(slide);
    const address = new URLSearchParams(location.search);
    const served = valueOf(() => jsObject.language);
    if (served !== language) return `the page is in ${served} instead of ${language}`;
    if (address.get('type') !== slide.folder) return `the page shows curriculum ${address.get('type')}`;
    if (address.get('session') !== String(slide.session)) return `the page shows session ${address.get('session')}`;
    if (!element) return `the page shows slide ${slideshow()?.currentSlide?.key ?? 'nothing'} instead`;
    const expected = valueOf(CONSTANTS[slide.curriculum])?.[slide.session - 1]?.find((one) => one.key === slide.key);
    const actual = element.slide;
    if (expected && actual && actual !== expected && JSON.stringify(actual) !== JSON.stringify(expected)) {
      return `the page shows another slide ${slide.key}`;
    }
    return '';
  }

  function fontsIn(element) {
    const texts = new Map();
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!node.data.trim()) continue;
      const style = getComputedStyle(node.parentElement);
      const font = `${style.fontStyle} ${style.fontWeight} 16px ${style.fontFamily}`;
      texts.set(font, (texts.get(font) || '') + node.data);
    }
    return texts;
  }

  /** Loads every font that the slide uses; resolves to the message about one that did not load, or to ''. */
  async function fontFault(slide, state) {
    while (pendingSheet()) {
      state.culprit = `style sheet ${pendingSheet().href}`;
      await pause(TICK);
    }
    let fault = '';
    for (const [font, text] of fontsIn(elementOf(slide))) {
      state.culprit = `font ${font.split(',')[0].replace(/"/g, '')}`;
      try {
        await document.fonts.load(font, text);
      } catch {
        fault ||= `${state.culprit} did not load`; // the others are waited for all the same
      }
    }
    state.culprit = 'fonts';
    await document.fonts.ready;
    return fault;
  }

  const loaded = new Map(); // address -> promise of whether it is a picture
  let loadedAtRender = 0; // how many of them were there when the slide on show was rendered

  /** Resolves to whether an address is a picture; masks are asked for as style sheets ask for them, with CORS. */
  function isPicture(address, asMask = false) {
    const name = `${asMask} ${address}`;
    if (!loaded.has(name)) {
      const image = new Image();
      if (asMask) image.crossOrigin = 'anonymous';
      image.src = address;
      loaded.set(name, image.decode().then(() => true, () => false));
    }
    return loaded.get(name);
  }

  function picturesInStyles(element) {
    const addresses = [];
    for (const part of [null, '::before', '::after']) {
      const style = getComputedStyle(element, part);
      if (part && style.content === 'none') continue;
      const values = [style.backgroundImage, style.borderImageSource, style.listStyleImage, part && style.content];
      for (const value of [...values, style.maskImage]) {
        for (const match of value?.matchAll?.(/url\("([^"]+)"\)/g) ?? []) {
          const asMask = value === style.maskImage;
          if (!match[1].startsWith('data:') && !match[1].startsWith('#')) addresses.push({ address: match[1], asMask });
        }
      }
    }
    return addresses;
  }

  async function isLoaded(image) {
    if (image.complete && !image.naturalWidth) await pause(GRACE);
    try {
      await image.decode();
      return true;
    } catch {
      // An SVG without a size of its own is complete though it cannot be decoded to one.
      return image.complete && image.naturalWidth > 0;
    }
  }

  /** The images to wait for. One that has not loaded may have no size yet, so its box does not tell whether it shows. */
  const imagesToShow = () => [...document.images].filter((image) => (image.getAttribute('src') || image.srcset)
    && (isVisible(image) || (!image.naturalWidth && slideshow().contains(image) && isRendered(image))));

  async function pictureFault(slide, state) {
    let fault = '';
    const note = (address, good) => {
      if (!good) fault ||= `picture ${address} did not load`; // the others are waited for all the same
    };
    for (const image of imagesToShow()) {
      const address = image.currentSrc || image.src;
      state.culprit = `picture ${address}`;
      note(address, (await isLoaded(image)) || !isRendered(image));
      if (isVisible(image)) noteAsset(image.currentSrc || image.src, image.getAttribute('src'));
    }
    for (const element of visibleElements()) {
      const addresses = picturesInStyles(element);
      if (element.localName === 'image' && element.href?.baseVal) {
        addresses.push({ address: new URL(element.href.baseVal, document.baseURI).href });
      }
      if (element.poster) addresses.push({ address: element.poster });
      for (const { address, asMask } of addresses) {
        state.culprit = `picture ${address}`;
        note(address, await isPicture(address, asMask));
        noteAsset(address);
      }
    }
    return fault;
  }

  async function iconFault(slide, state) {
    while (fetching.size) {
      state.culprit = `icon ${fetching.keys().next().value}`;
      await pause(TICK);
    }
    const markup = elementOf(slide).outerHTML;
    const broken = [...brokenForSlide, ...[...brokenIcons].filter((address) => markup.includes(address))];
    return broken.length ? `icon ${broken[0]} did not load` : '';
  }

  function isMoving(animation) {
    const timing = animation.effect?.getComputedTiming?.();
    return animation.playState === 'running' && timing && timing.endTime !== Infinity;
  }

  function layoutOf(element) {
    return [element, ...element.querySelectorAll('*')].map((one) => {
      const box = one.getBoundingClientRect();
      return `${box.x},${box.y},${box.width},${box.height}`;
    }).join(' ');
  }

  /** Everything about the slide whose change would show in the picture. */
  function stateOf(slide) {
    const element = elementOf(slide);
    return element ? `${changes} ${location.search} ${layoutOf(element)}` : '';
  }

  /**
   * Waits until nothing changes any more. After a jump one look is enough, because the state must still
   * be the same after the picture (see prove). If it was not, this waits until it is ('again').
   */
  async function layoutFault(slide, state, request) {
    state.culprit = 'the layout did not settle';
    const isStill = async () => {
      const before = stateOf(slide);
      await pause(STILL);
      return before === stateOf(slide);
    };
    while (document.getAnimations().some(isMoving) || (request.way !== 'jump' && !(await isStill()))) await pause(TICK);
    return '';
  }

  // In this order: the layout can only settle when everything is in. Only faults that the site is to
  // blame for can be tolerated.
  const CHECKS = [
    { name: 'fonts', run: fontFault, site: true },
    { name: 'pictures', run: pictureFault, site: true },
    { name: 'icons', run: iconFault, site: true },
    { name: 'layout', run: layoutFault, site: false },
  ];

  /**
   * Resolves to the message of the first thing that is wrong, with `late` if the time is used up, or to null.
   * What the site does not deliver is passed over if tolerant; then the message names all of it, with `tolerable`.
   */
  async function firstFault(slide, request) {
    const { language, seconds, tolerant } = request;
    const wrong = identityFault(slide, language);
    if (wrong) return { message: wrong };
    const tolerable = [];
    for (const check of CHECKS) {
      const state = { culprit: check.name };
      // After something that used up all the time, the other checks still need a little.
      const left = Math.max(0, deadline + (tolerable.length ? 1000 : 0) - performance.now());
      const late = pause(left).then(() => `${state.culprit}${check.site ? ' did not load' : ''} in ${seconds} s`);
      const message = await Promise.race([check.run(slide, state, request), late]);
      const isLate = performance.now() >= deadline - TICK; // timers may be early by a little
      if (message && !(tolerant && check.site)) return { message, late: isLate };
      if (message) tolerable.push(message);
    }
    return tolerable.length ? { message: tolerable.join('; '), tolerable: true } : null;
  }

  /** As firstFault, but checks once more whenever something came onto the slide in the meantime. */
  async function steadyFault(slide, request) {
    for (;;) {
      const before = changes;
      const fault = await firstFault(slide, request);
      const isLate = performance.now() > deadline;
      if ((fault && (isLate || !fault.tolerable)) || changes === before) return fault;
      if (isLate) return { message: `the layout did not settle in ${request.seconds} s`, late: true };
      await pause(0); // the observer's turn
    }
  }

  let stateAtReady = '';
  let readyAt = 0;

  // ---- what presenter.py calls ----

  /**
   * Shows a slide and waits until it is ready. `request` has `seconds`, `language`, `tolerant` and `way`:
   * 'jump' to go there, 'loaded' if the page was just loaded with it, 'again' to check once more in the
   * time that is left. Resolves to {followed, fault}: fault is null when everything holds, or as in firstFault.
   */
  async function getReady(slide, request) {
    const start = performance.now();
    const ignored = { followed: false, fault: null };
    if (request.way !== 'again') deadline = start + request.seconds * 1000;
    if (request.way === 'jump' && !(await go(slide, Math.min(deadline, start + FOLLOW)))) return ignored;
    let fault = await steadyFault(slide, request);
    // Text is fitted with the fonts of that moment; if another came since, it is fitted anew. And a picture of a style
    // that came since is drawn into what was there, which leaves other edges than drawing all of it at once.
    while ((!fault || fault.tolerable) && (fontsAtRender !== loadedFonts() || loadedAtRender !== loaded.size)) {
      if (!(await go(slide, deadline))) return ignored;
      fault = await steadyFault(slide, request);
    }
    stateAtReady = stateOf(slide);
    readyAt = performance.now();
    return { followed: true, fault };
  }

  /** Resolves to whether the presenter shows a slide within so many seconds after the page was loaded. */
  const starts = (seconds) => slideAppears(performance.now() + seconds * 1000);

  /**
   * Resolves to null unless the slide is as it was when it was ready, which was at least STILL ago; else to
   * {shown, assets}: `shown` is what the page says of the slide as JSON, or null if it says nothing that can be handed
   * over; `assets` are the fixed addresses of pictures, icons and fonts that were not handed over before in this page.
   */
  async function prove(slide) {
    const left = readyAt + STILL - performance.now();
    if (left > 0) await pause(left);
    if (stateAtReady === '' || stateOf(slide) !== stateAtReady) return null;
    return { shown: valueOf(() => whatIsShown(slide)), assets: valueOf(newAssets) ?? [] };
  }

  window.slideBuilder = { served, page, starts, missingSheets, getReady, prove };
})();
