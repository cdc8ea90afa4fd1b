/**
 * What prose can be made of. There is no node for raw HTML, a script, a style or an image: what cannot be said here
 * cannot be drawn.
 */

export type Block =
  | { readonly kind: 'paragraph'; readonly inlines: readonly Inline[] }
  | { readonly kind: 'heading'; readonly level: number; readonly inlines: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | List
  | { readonly kind: 'rule' }
  | Table;

export interface List {
  readonly kind: 'list';
  /** The first number; `null` for bullets. */
  readonly start: number | null;
  /** Whether its items stand close: their paragraphs are then plain lines. */
  readonly tight: boolean;
  readonly items: readonly Item[];
}

export interface Item {
  /** Of a checklist: whether it is done. */
  readonly done: boolean | null;
  readonly blocks: readonly Block[];
}

export interface Table {
  readonly kind: 'table';
  readonly head: readonly (readonly Inline[])[];
  readonly rows: readonly (readonly (readonly Inline[])[])[];
}

export type Inline =
  | { readonly kind: 'text' | 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'em' | 'del'; readonly inlines: readonly Inline[] }
  /** Whatever address was written; whether it leads anywhere is decided where it is drawn. */
  | { readonly kind: 'link'; readonly href: string; readonly inlines: readonly Inline[] }
  | { readonly kind: 'break' };

/** Addresses that are defined elsewhere in the text, by their names in lower case. */
export type References = ReadonlyMap<string, string>;

/** How deep anything may be nested; beyond that it is text. */
export const DEEPEST = 16;
