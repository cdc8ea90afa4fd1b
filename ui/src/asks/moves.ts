import type { Ask, AskOption, AskScope } from '../host/types';

const YES = ['allow', 'yes', 'true', 'approve', 'accept'];
const NO = ['deny', 'no', 'false', 'decline', 'reject'];

/** The option that `y` stands for; none where the question is not of that kind. */
export function yes(ask: Ask): AskOption | undefined {
  return ask.options.find(({ id }) => YES.includes(id));
}

/** The option that `n` stands for. */
export function no(ask: Ask): AskOption | undefined {
  return ask.options.find(({ id }) => NO.includes(id));
}

/** How far an approval may reach beyond this once. */
export function widerScopes(ask: Ask): AskScope[] {
  return yes(ask) ? ask.scopes.filter((scope) => scope !== 'once') : [];
}

/** Whether it is put off for now. */
export function snoozed(ask: Ask, now: number): boolean {
  return ask.snoozed_until != null && Date.parse(ask.snoozed_until) > now;
}
