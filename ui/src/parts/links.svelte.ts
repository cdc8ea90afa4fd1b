import type { Host } from '../host';
import { address } from './markdown/address';

/** Links out of the window: shown in full first, opened by the system when the person says so. */
export class Links {
  /** The address that waits for the person's word. */
  asked = $state<string | null>(null);

  constructor(private readonly host: Host) {}

  /** Asks whether to open an address; anything but web and mail is not even asked about. */
  ask(href: string): void {
    this.asked = address(href);
  }

  dismiss(): void {
    this.asked = null;
  }

  /** Opens what was asked about; rejects with the refusal of the system. */
  async open(): Promise<void> {
    const url = this.asked;
    this.asked = null;
    if (url === null) return;
    if (this.host.desktop) await this.host.desktop.openLink(url);
    else window.open(url, '_blank', 'noopener,noreferrer');
  }
}
