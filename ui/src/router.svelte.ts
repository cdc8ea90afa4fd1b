/** What each screen is called in the address. */
export const VIEWS = [
  'inbox',
  'tasks',
  'new',
  'agents',
  'folders',
  'settings',
  'welcome',
] as const;
export type View = (typeof VIEWS)[number];

/** Where the page is: `#/tasks/T-41/changes?x=y`. */
export interface Route {
  view: View;
  /** The thing looked at: an ask, a task, a section of the settings. */
  id: string | null;
  /** The part of it: a tab of a task. */
  part: string | null;
  query: Record<string, string>;
}

/** Reads an address; one that names nothing leads to the inbox. */
export function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const [view, id, part] = path.split('/').map(decode);
  return {
    view: VIEWS.find((known) => known === view) ?? 'inbox',
    id: id || null,
    part: part || null,
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** Writes an address. */
export function href(
  view: View,
  id?: string | null,
  part?: string | null,
  query: Record<string, string> = {},
): string {
  const path = [view, id, part].filter((word) => word != null).map(encodeURIComponent);
  const search = new URLSearchParams(query).toString();
  return `#/${path.join('/')}${search ? `?${search}` : ''}`;
}

/** A broken escape stands for itself: an address can be typed by anyone. */
function decode(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

/** The route the page is at, kept in step with its address. */
export class Router {
  route = $state.raw<Route>(parse(''));

  constructor(private readonly page: Window = window) {
    this.route = parse(page.location.hash);
  }

  /** Where the page is, as its address says it. */
  get address(): string {
    const { view, id, part, query } = this.route;
    return href(view, id, part, query);
  }

  /** Goes there; the step back leads here again. */
  go(view: View, id?: string | null, part?: string | null, query?: Record<string, string>): void {
    this.#set(href(view, id, part, query));
  }

  /** Goes to an address as text, such as the one of a deep link. */
  open(address: string): void {
    const { view, id, part, query } = parse(address);
    this.go(view, id, part, query);
  }

  /** Follows the address; returns the stop. */
  watch(): () => void {
    const follow = (): void => {
      const { view, id, part, query } = parse(this.page.location.hash);
      // Its own steps are heard of as well: they are no new wish to be there.
      if (href(view, id, part, query) !== this.address) this.route = { view, id, part, query };
    };
    this.route = parse(this.page.location.hash);
    this.page.addEventListener('hashchange', follow);
    return () => this.page.removeEventListener('hashchange', follow);
  }

  #set(address: string): void {
    if (this.page.location.hash !== address) this.page.location.hash = address;
    this.route = parse(address);
  }
}
