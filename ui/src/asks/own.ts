import type { Ask } from '../host/types';
import { t } from '../words';

/** What the worker itself offers and says in an ask, in its English words, and how the page says it. */
const LABELS: Record<string, string> = {
  Allow: 'inbox-own-allow',
  Deny: 'inbox-own-deny',
  'with scope task or project: also every further time it wants exactly this': 'inbox-own-allow-detail',
  'a text in place of an option is told to the agent as the reason': 'inbox-own-deny-detail',
  'Trust this folder': 'inbox-own-trust',
  'Keep out': 'inbox-own-refuse',
  'Look again': 'inbox-own-look',
  'Run again': 'inbox-own-again',
  'I have signed in': 'inbox-own-signed-in',
  'Try it again': 'inbox-own-try',
  'Stop the task': 'inbox-own-stop',
  'Go on with more': 'inbox-own-more',
  'Go on without it': 'inbox-own-unwatched',
};

/** The same for what has values in it. */
const SENTENCES: Record<string, RegExp> = {
  'inbox-own-more-tokens': /^Go on, up to (?<tokens>[\d,]+) tokens$/,
  'inbox-own-more-money': /^Go on, up to (?<money>\$[\d,.]+)$/,
  'inbox-own-trust-text':
    /^May agents work in (?<folder>[^]*)\? They read what it configures for them: pieces, skills, hooks, tool servers\.$/,
  'inbox-own-spent-tokens': /^The budget of this task is spent: (?<used>[\d,]+) tokens of (?<cap>[\d,]+) tokens\. Go on, or stop\?$/,
  'inbox-own-spent-money': /^The budget of this task is spent: (?<used>\$[\d,.]+) of (?<cap>\$[\d,.]+)\. Go on, or stop\?$/,
  'inbox-own-untold-tokens':
    /^This agent does not tell how many tokens it uses, so the budget of (?<cap>[\d,]+) tokens cannot be watched\. Go on without it, or stop\?$/,
  'inbox-own-untold-money':
    /^This agent does not tell what its calls cost, so the budget of (?<cap>\$[\d,.]+) cannot be watched\. Go on without it, or stop\?$/,
  'inbox-own-limit': /^A limit of this task is reached\. Go on with more, or stop\?$/,
  'inbox-own-cut-off': /^The run was cut off\. Run it again, or stop\?$/,
  'inbox-own-login': /^A login is needed before the task can go on\.$/,
  'inbox-own-lane-login':
    /^(?<lane>\S+) rejected its login\. Sign in again \(in a terminal, with the agent's own command\), then choose "I have signed in": every task that waits for it goes on in its session\.$/,
  'inbox-own-lane-drain':
    /^(?<lane>\S+) failed (?<times>\d+) times in a row before it did anything\. The last word was: (?<words>[^]*)$/,
  'inbox-own-storage':
    /^The data folder uses (?<used>\d+) MiB of the (?<limit>\d+) MiB allowed, and nothing more may be removed: it is what tasks delivered, their workspaces, and what is in use\. Remove some of it, or raise storage\.limit; nothing new is started before\.$/,
};

/** An ask in the language of the page, as far as the worker itself speaks in it; what an agent says stays as it is. */
export function spoken(ask: Ask): Ask {
  if (ask.kind === 'question' && ask.purpose === 'performer') return ask;
  const leave = ask.kind === 'approval' && ask.subject === 'task';
  const last = ask.options.length - 1;
  const options = ask.options.map((option, at) => {
    // Between leave and its refusal stand the agent's own options.
    const own = !leave || (at === 0 && option.id === 'allow') || (at === last && option.id === 'deny');
    return own ? { ...option, label: say(option.label), detail: option.detail && say(option.detail) } : option;
  });
  return { ...ask, options, text: leave ? ask.text : lead(ask.text) };
}

/** The first paragraph is the worker's; what follows it was said to the worker. */
function lead(text: string): string {
  const [first = '', ...rest] = text.split('\n\n');
  return [say(first), ...rest].join('\n\n');
}

function say(words: string): string {
  const label = Object.hasOwn(LABELS, words) && LABELS[words];
  if (label) return t(label);
  for (const [id, pattern] of Object.entries(SENTENCES)) {
    const found = pattern.exec(words);
    if (found) return t(id, { ...found.groups });
  }
  return words;
}
