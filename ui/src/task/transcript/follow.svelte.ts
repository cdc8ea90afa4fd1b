/** How near to its end, in pixels, a list counts as being there. */
const NEAR = 24;
/** How long after a key or a turn of the wheel a movement is the reader's own, in milliseconds. */
const OWN = 400;
const UPWARD = new Set(['ArrowUp', 'PageUp', 'Home']);

/**
 * Keeps a growing list at its end for as long as the reader stays there. Only the reader ends that: what moves because
 * something grew or was measured does not count.
 */
export class Following {
  /** Whether the list stays at its end. */
  on = $state(true);
  #scroller: HTMLElement | null = null;
  #moved = 0;
  #pressed = false;

  /** Attaches to the element that scrolls; its first child is what grows. */
  readonly attach = (scroller: HTMLElement): (() => void) => {
    this.#scroller = scroller;
    const stop = new AbortController();
    const { signal } = stop;
    scroller.addEventListener('wheel', (event) => event.deltaY < 0 && this.#own(), {
      signal,
      passive: true,
    });
    scroller.addEventListener('touchmove', () => this.#own(), { signal, passive: true });
    scroller.addEventListener('keydown', (event) => UPWARD.has(event.key) && this.#own(), { signal });
    scroller.addEventListener('pointerdown', (event) => (this.#pressed = event.target === scroller), {
      signal,
    });
    window.addEventListener('pointerup', () => (this.#pressed = false), { signal });
    scroller.addEventListener('scroll', () => this.#scrolled(), { signal, passive: true });
    const grown = new ResizeObserver(() => this.on && this.toEnd());
    grown.observe(scroller);
    if (scroller.firstElementChild) grown.observe(scroller.firstElementChild);
    return () => {
      stop.abort();
      grown.disconnect();
      this.#scroller = null;
    };
  };

  /** Goes to the end and stays there. */
  resume(): void {
    this.on = true;
    this.toEnd();
  }

  /** Leaves the list where it is. */
  release(): void {
    this.on = false;
  }

  toEnd(): void {
    const scroller = this.#scroller;
    if (scroller) scroller.scrollTop = scroller.scrollHeight;
  }

  #own(): void {
    this.#moved = performance.now();
  }

  #scrolled(): void {
    const scroller = this.#scroller;
    if (!scroller) return;
    const left = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    const own = this.#pressed || performance.now() - this.#moved < OWN;
    if (left <= NEAR) this.on = true;
    else if (own) this.on = false;
  }
}
