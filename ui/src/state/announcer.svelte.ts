/** How often state changes are read out at most, in milliseconds. */
const PAUSE = 5000;

/** What a screen reader is told: state changes politely and seldom, questions at once. */
export class Announcer {
  polite = $state('');
  assertive = $state('');
  #last = 0;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  /** Says it when the listener has a moment; of several in a row the last. */
  say(text: string): void {
    clearTimeout(this.#waiting);
    const rest = this.#last + PAUSE - Date.now();
    if (rest <= 0) this.#speak(text);
    else this.#waiting = setTimeout(() => this.#speak(text), rest);
  }

  /** Says it now. */
  urge(text: string): void {
    this.assertive = text;
  }

  #speak(text: string): void {
    this.#last = Date.now();
    this.polite = text;
  }
}
