import { composing } from '../parts/composing';
import type { Command } from './commands.svelte';

/** How long the second key of a pair such as `g i` may take, in milliseconds. */
const PAIR = 1500;

/** Steps, which go on while their key is held. What else a key does it does once: it would reach what comes next. */
const STEPS = ['j', 'k'];

const mac = /Mac|iPhone|iPad/.test(navigator.platform);

/** A pressed key as the commands write it: `p`, `P`, `Shift+Enter`, `Mod+k`. */
export function written(event: KeyboardEvent): string {
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push('Mod');
  if (event.altKey) parts.push('Alt');
  // A shifted letter or sign is itself; only keys that look the same with Shift need it named.
  if (event.shiftKey && event.key.length > 1) parts.push('Shift');
  let key = event.key === ' ' ? 'Space' : event.key;
  // Whether a letter is a capital is said by Shift alone: Caps Lock is for text.
  if (/^[a-z]$/i.test(key)) {
    key = event.shiftKey && !parts.includes('Mod') ? key.toUpperCase() : key.toLowerCase();
  }
  return [...parts, key].join('+');
}

/** A key for people: `⌘K` on a Mac, `Ctrl+K` elsewhere. */
export function shown(keys: string): string {
  const mod = mac ? '⌘' : 'Ctrl+';
  return keys.replace(/Mod\+(.)/, (_, key: string) => mod + key.toUpperCase());
}

/** Whether a key needs no Ctrl, Cmd or Alt, and so can be hit by speech or by mistake (WCAG 2.1.4). */
export function single(keys: string): boolean {
  return !/^(Mod|Alt)\+/.test(keys);
}

/** Turns key presses into commands. */
export class Keys {
  #first = '';
  #at = 0;

  constructor(
    private readonly commands: () => Command[],
    private readonly singles: () => boolean,
  ) {}

  /** Runs what the key stands for; true when it stood for something. */
  press(event: KeyboardEvent): boolean {
    if (event.defaultPrevented || composing(event) || modifier(event.key)) return false;
    // What a dialog covers cannot be seen, so no key may act on it.
    if (document.querySelector('dialog[open]')) return false;
    const key = written(event);
    if (event.repeat && !STEPS.includes(key)) return false;
    const typing = single(key) && takesText(event.target);
    if (typing || (single(key) && !this.singles())) return false;
    const pair = this.#first && Date.now() - this.#at < PAIR ? `${this.#first} ${key}` : '';
    this.#first = '';
    for (const keys of [pair, key, shiftedDigit(event)]) {
      const command = this.#find(keys);
      if (!command) continue;
      event.preventDefault();
      command.run(keys);
      return true;
    }
    if (this.commands().some(({ keys }) => keys?.some((each) => each.startsWith(`${key} `)))) {
      this.#first = key;
      this.#at = Date.now();
    }
    return false;
  }

  #find(keys: string): Command | undefined {
    if (!keys) return undefined;
    const fitting = this.commands().filter((command) => command.keys?.includes(keys));
    return fitting.find(({ first }) => first) ?? fitting.at(-1);
  }
}

function modifier(key: string): boolean {
  return ['Control', 'Shift', 'Alt', 'Meta'].includes(key);
}

/** `Shift+3`, whatever sign the keyboard has there. */
function shiftedDigit(event: KeyboardEvent): string {
  const digit = event.shiftKey ? /^Digit(\d)$/.exec(event.code)?.[1] : undefined;
  return digit ? `Shift+${digit}` : '';
}

/** Where letters are text and arrows move a caret or a choice. */
function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  if (target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type);
}
