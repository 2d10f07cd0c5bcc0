'use strict';

// The stand-in presenter's front end. It works as the course presenter's does:
// elements with reactive properties whose changes are rendered together in a
// microtask, and whose first render does work that no later render repeats.
(() => {
  const SESSIONS = typeof zume10Sessions === 'undefined'
    ? jsObject.sessions
    : { 10: zume10Sessions, 20: zume20Sessions, intensive: zumeIntensiveSessions };

  const ICONS = {
    activity: 'steps', break: 'cup', center: 'star', checkin: 'check', congratulations: 'star', discuss: 'speech',
    final: 'check', left_image: 'eye', look_back: 'steps', obey: 'steps', overview: 'book', pray: 'cup',
    review: 'book', title: 'book', video: 'eye', watch: 'eye',
  };
  // The site has several ways to fetch an icon; these go by the older one.
  const ICONS_BY_XHR = new Set(['speech', 'eye', 'cup']);

  // Pictures under fixed addresses, which no slide's own data names.
  const FIXED = {
    title: 'logo.svg', final: 'globe.svg', video: 'video.svg', activity: `${jsObject.language}/98.png`,
    left_image: `${jsObject.language}/104.png`,
  };

  const lastBound = new WeakMap();

  /**
   * Sets a child's property as a template does: only when the value differs from
   * the one bound last. What the property holds by now is not looked at.
   */
  function bind(element, name, value) {
    const values = lastBound.get(element) || new Map();
    lastBound.set(element, values);
    if (!values.has(name) || values.get(name) !== value) {
      values.set(name, value);
      element[name] = value;
    }
  }

  function make(tag, className = '', text = '') {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.textContent = text;
    return element;
  }

  const stringsIn = (value) => [value].flat(Infinity).filter((each) => typeof each === 'string' && each);

  /** The name of the first picture in a field of a slide, which may hold texts beside its address. */
  function pictureIn(field) {
    return stringsIn(field).find((each) => each.startsWith('/pictures/'))?.replace('/pictures/', '') || '';
  }

  /** The texts of a slide in HTML, its heading first. What a video slide has in the middle is its player. */
  function textsOf(slide) {
    const fields = [slide.type === 'video' ? [] : slide.center, slide.left, slide.right];
    return stringsIn(fields).filter((each) => !each.startsWith('/pictures/'));
  }

  class ReactiveElement extends HTMLElement {
    static register(tag) {
      for (const name of this.properties) {
        Object.defineProperty(this.prototype, name, {
          get() { return this.values[name]; },
          set(value) {
            if (this.values[name] === value) return;
            this.values[name] = value;
            this.requestUpdate();
          },
        });
      }
      customElements.define(tag, this);
    }

    constructor() {
      super();
      this.values = {};
      this.hasUpdated = false;
      this.isUpdatePending = false;
      this.updatePromise = new Promise((resolve) => { this.allowUpdates = resolve; });
      this.requestUpdate();
    }

    connectedCallback() {
      this.allowUpdates();
    }

    get updateComplete() {
      return this.updatePromise;
    }

    requestUpdate() {
      if (!this.isUpdatePending) this.updatePromise = this.updateSoon();
    }

    async updateSoon() {
      this.isUpdatePending = true;
      await this.updatePromise;
      this.isUpdatePending = false;
      this.render();
      if (!this.hasUpdated) {
        this.hasUpdated = true;
        this.firstUpdated();
      }
      this.updated();
      return !this.isUpdatePending;
    }

    render() {}

    firstUpdated() {}

    updated() {}
  }

  class CoursePresenter extends ReactiveElement {
    static properties = ['currentSlide', 'session'];

    connectedCallback() {
      const address = new URLSearchParams(location.search);
      this.sessions = SESSIONS[address.get('type')] || SESSIONS[10];
      this.isScreenshot = address.has('screenshot');
      this.readAddress();
      if (!this.hasAttribute('ignores-popstate')) window.addEventListener('popstate', () => this.readAddressSoon());
      this.addEventListener('go', (event) => this.go(event.detail.session, event.detail.place));
      super.connectedCallback();
    }

    readAddress() {
      const address = new URLSearchParams(location.search);
      const wanted = Number.parseInt(address.get('session'), 10) || 1;
      this.session = Math.min(Math.max(wanted, 1), this.sessions.length);
      const slides = this.sessions[this.session - 1];
      this.currentSlide = slides.find((slide) => slide.key === address.get('slide')) || slides[0];
    }

    readAddressSoon() {
      const seconds = Number(this.getAttribute('slow-jump'));
      if (seconds) setTimeout(() => this.readAddress(), seconds * 1000);
      else this.readAddress();
    }

    go(session, place) {
      const slides = this.sessions[session - 1];
      const slide = slides && slides.at(place);
      if (!slide) return;
      const address = new URL(location.href);
      address.searchParams.set('session', session);
      address.searchParams.set('slide', slide.key);
      history.pushState(null, '', address);
      this.readAddress();
    }

    render() {
      if (!this.slideshow) {
        this.slideshow = document.createElement('course-slideshow');
        this.replaceChildren(this.slideshow);
      }
      bind(this.slideshow, 'isScreenshot', this.isScreenshot);
      bind(this.slideshow, 'sessionCount', this.sessions.length);
      bind(this.slideshow, 'session', this.session);
      bind(this.slideshow, 'sections', this.sessions[this.session - 1]);
      bind(this.slideshow, 'currentSlide', this.currentSlide);
    }
  }

  class CourseSlideshow extends ReactiveElement {
    static properties = ['currentSlide', 'sections', 'session', 'sessionCount', 'isScreenshot'];

    render() {
      if (!this.switcher) {
        this.switcher = document.createElement('slide-switcher');
        this.replaceChildren(this.switcher);
        if (!this.isScreenshot) this.append(this.controls());
      }
      bind(this.switcher, 'isScreenshot', this.isScreenshot);
      bind(this.switcher, 'slide', this.currentSlide);
      if (this.menu) this.menu.value = this.session;
    }

    controls() {
      const bar = make('nav', 'controls');
      this.menu = make('select', 'menu');
      for (let session = 1; session <= this.sessionCount; session += 1) {
        this.menu.append(new Option(`${jsObject.translations.session} ${session}`, session));
      }
      this.menu.addEventListener('change', () => this.ask(Number(this.menu.value), 0));
      bar.append(this.menu, this.arrow('previous', '\u2039', -1), this.arrow('next', '\u203a', 1));
      return bar;
    }

    arrow(name, sign, step) {
      const button = make('button', `arrow ${name}`, sign);
      button.type = 'button';
      button.title = jsObject.translations[name];
      button.setAttribute('aria-label', button.title);
      button.addEventListener('click', () => this.walk(step));
      return button;
    }

    walk(step) {
      const place = this.sections.indexOf(this.currentSlide) + step;
      if (place < 0) this.ask(this.session - 1, -1);
      else if (place >= this.sections.length) this.ask(this.session + 1, 0);
      else this.ask(this.session, place);
    }

    ask(session, place) {
      this.dispatchEvent(new CustomEvent('go', { bubbles: true, detail: { session, place } }));
    }
  }

  class SlideSwitcher extends ReactiveElement {
    static properties = ['slide', 'isScreenshot'];

    render() {
      if (!this.slide) {
        this.shown = null;
        this.replaceChildren();
        return;
      }
      const tag = tagOf(this.slide.type);
      if (!this.shown || this.shown.localName !== tag) {
        this.shown = document.createElement(tag);
        this.replaceChildren(this.shown);
      }
      bind(this.shown, 'isScreenshot', this.isScreenshot);
      bind(this.shown, 'slide', this.slide);
      bind(this.shown, 'id', this.slide.key);
    }
  }

  function tagOf(type) {
    return `${type.replaceAll('_', '-')}-slide`;
  }

  class SlideElement extends ReactiveElement {
    static properties = ['slide', 'isScreenshot'];

    render() {
      if (!this.parts) this.build();
      const { heading, text, marker, picture } = this.parts;
      const [first, ...others] = textsOf(this.slide);
      heading.innerHTML = first;
      heading.append(make('b', 'number', this.slide.number));
      text.innerHTML = others.map((html) => (html.startsWith('<p>') ? html : `<p>${html}</p>`)).join('');
      marker.textContent = this.slide.marker;
      this.showPicture(picture, pictureIn(this.slide.left) || pictureIn(this.slide.qr));
      const backdrop = pictureIn(this.slide.center);
      this.style.backgroundImage = backdrop ? `url("${jsObject.pictures_url}${backdrop}")` : '';
      this.classList.toggle('blank', Boolean(this.slide.blank));
      // Nothing keeps an element from writing into the data that it shows.
      this.slide.element = this;
      this.slide.renders = (this.slide.renders || 0) + 1;
    }

    build() {
      this.parts = {
        icon: make('span', 'icon'), heading: make('h1'), text: make('div', 'text'), marker: make('footer', 'marker'),
        picture: make('img', 'picture'),
      };
      this.parts.picture.alt = '';
      const header = make('header');
      header.append(this.parts.icon, this.parts.heading);
      const body = make('div', 'body');
      body.append(this.parts.picture, this.parts.text);
      this.replaceChildren(header, body, this.parts.marker);
      if (FIXED[this.slide.type]) this.append(Object.assign(make('img', 'fixed'), { src: this.fixedAddress(), alt: '' }));
      if (this.slide.type === 'video') this.buildVideo(body);
    }

    fixedAddress() {
      return jsObject.fixed_url + FIXED[this.slide.type];
    }

    buildVideo(body) {
      this.parts.box = make('div', 'video-box');
      this.parts.player = make('iframe', 'player');
      this.parts.player.src = jsObject.player_url;
      this.parts.player.hidden = this.isScreenshot;
      body.prepend(this.parts.box, this.parts.player);
    }

    showPicture(image, name) {
      image.hidden = !name;
      if (!name) image.removeAttribute('src');
      else if (image.src !== jsObject.pictures_url + name) image.src = jsObject.pictures_url + name;
    }

    /** What is done once for each element, however many slides it comes to show. */
    firstUpdated() {
      this.fitText();
      this.loadIcon();
      if (this.parts.box) this.nameVideo();
      document.querySelector('.loading')?.remove();
    }

    updated() {
      clearInterval(this.restlessness);
      if (this.slide.restless) this.restlessness = setInterval(() => this.fidget(), 30);
      else this.parts.text.style.marginTop = '';
    }

    disconnectedCallback() {
      clearInterval(this.restlessness);
    }

    fidget() {
      this.fidgets = ((this.fidgets || 0) + 1) % 40;
      this.parts.text.style.marginTop = `${this.fidgets}px`;
    }

    /** Takes the largest font size at which the text fits its box, measured with the font that is there by now. */
    fitText() {
      const box = this.parts.text;
      const fits = (size) => {
        box.style.fontSize = `${size}px`;
        return box.scrollHeight <= box.clientHeight && box.scrollWidth <= box.clientWidth;
      };
      let least = 8;
      let most = Math.round(window.innerHeight * 0.085);
      while (least < most) {
        const middle = Math.ceil((least + most) / 2);
        if (fits(middle)) least = middle;
        else most = middle - 1;
      }
      fits(least);
    }

    nameVideo() {
      if (!this.isScreenshot) return;
      const number = make('strong', 'video-number', String(this.slide.alt_video_id));
      const title = zumeTrainingItems[this.slide.alt_video_id].title_en || '';
      this.parts.box.replaceChildren(make('span', 'video-word', `${title} ${jsObject.translations.video}`.trim()), number);
    }

    async loadIcon() {
      const name = ICONS[this.slide.type];
      const address = `${jsObject.icons_url}${name}.svg`;
      try {
        this.parts.icon.innerHTML = await (ICONS_BY_XHR.has(name) ? textByXhr(address) : textByFetch(address));
      } catch {
        this.parts.icon.replaceChildren();
      }
    }
  }

  async function textByFetch(address) {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    return response.text();
  }

  function textByXhr(address) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('GET', address);
      request.onload = () => (request.status === 200 ? resolve(request.responseText) : reject(new Error(address)));
      request.onerror = () => reject(new Error(address));
      request.send();
    });
  }

  for (const type of Object.keys(ICONS)) {
    (class extends SlideElement {}).register(tagOf(type));
  }
  SlideSwitcher.register('slide-switcher');
  CourseSlideshow.register('course-slideshow');

  // The site's own scripts are so heavy that the fonts are in before anything is
  // rendered, unless they are really late. Fonts that are missing hold nothing up.
  // Meanwhile a frame keeps the page's load event back, as those scripts would;
  // on a video slide the player then keeps it back for good.
  const fonts = ['400 1em Poppins', '700 1em Poppins'].map((font) => document.fonts.load(font));
  const patience = new Promise((resolve) => { setTimeout(resolve, 500); });
  Promise.race([Promise.allSettled(fonts), patience]).then(() => CoursePresenter.register('course-presenter'));

  document.addEventListener('keydown', (event) => {
    const backwards = document.documentElement.dir === 'rtl' ? 'ArrowRight' : 'ArrowLeft';
    const name = { ArrowLeft: 'next', ArrowRight: 'next', [backwards]: 'previous' }[event.key];
    const arrow = name && document.querySelector(`.arrow.${name}`);
    if (arrow && event.target.localName !== 'select') arrow.click();
  });
})();
