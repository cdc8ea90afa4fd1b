/** The present moment, kept fresh while the page can be seen: what elapsed times are told from. */
export class Clock {
  now = $state(Date.now());

  /** Goes on every second; returns the stop. */
  start(page: Document = document): () => void {
    const timer = setInterval(() => {
      if (!page.hidden) this.now = Date.now();
    }, 1000);
    return () => clearInterval(timer);
  }
}
