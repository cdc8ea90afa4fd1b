/** Gathers calls: the first starts a wait, and one run follows it however many came. */
export function after(millis: number, run: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      run();
    }, millis);
  };
}
