const FIELDS = 'input:not([type=hidden]), select, textarea';
/** The way out stands first among the buttons at the end. */
const WAY_OUT = 'footer button';

/**
 * Opens a dialog over everything, and gives the focus back to whoever had it when the dialog goes. The focus begins in
 * its first field, else on the button that changes nothing, else nowhere in particular.
 */
export function modal(dialog: HTMLDialogElement): () => void {
  const before = document.activeElement;
  dialog.showModal();
  const first = dialog.querySelector<HTMLElement>(FIELDS) ?? dialog.querySelector<HTMLElement>(WAY_OUT);
  (first ?? dialog).focus();
  return () => {
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  };
}
