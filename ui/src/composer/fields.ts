import type { Add } from '../host';
import { readDraft } from '../state/drafts';
import type { Attachment } from './attachments.svelte';

/** The name under which what stays is kept. */
export const LAST = 'new-task.last';

/** What a new task may say, as it is written. */
export interface Fields {
  prompt: string;
  title: string;
  folder: string;
  piece: string;
  agent: string;
  model: string;
  /** How hard the model is to think. */
  effort: string;
  approvals: string;
  priority: string;
  /** Tasks that must be done first, by short id. */
  dependsOn: string[];
  /** One command a line. */
  checks: string;
  /** A local moment as the field for it writes it: `2026-11-28T18:30`. */
  notBefore: string;
  /** Figures as written; empty without a cap. */
  budgetTokens: string;
  budgetUsd: string;
}

export const EMPTY: Fields = {
  prompt: '',
  title: '',
  folder: '',
  piece: 'solo',
  agent: '',
  model: '',
  effort: '',
  approvals: '',
  priority: 'normal',
  dependsOn: [],
  checks: '',
  notBefore: '',
  budgetTokens: '',
  budgetUsd: '',
};

/** What stays for the next task: where and by whom work is done. */
export const STAYING = ['folder', 'piece', 'agent', 'model', 'effort', 'approvals'] as const;

/** The request for what is written; what was left alone is left out. */
export function request(
  fields: Fields,
  attachments: readonly Pick<Attachment, 'path'>[],
  needsAgent: boolean,
  key: string,
): Add {
  const checks = fields.checks.split('\n').flatMap((line) => line.trim() || []);
  const add: Add = { prompt: fields.prompt, piece: fields.piece, key };
  if (fields.title.trim()) add.title = fields.title.trim();
  if (fields.folder.trim()) add.dir = fields.folder.trim();
  if (needsAgent && fields.agent) add.agent = fields.agent;
  if (needsAgent && fields.model.trim()) add.model = fields.model.trim();
  if (needsAgent && fields.effort.trim()) add.effort = fields.effort.trim();
  if (needsAgent && fields.approvals) add.approvals = fields.approvals;
  if (fields.priority !== 'normal') add.priority = fields.priority;
  if (fields.dependsOn.length > 0) add.depends_on = [...fields.dependsOn];
  if (checks.length > 0) add.checks = checks;
  if (fields.notBefore) add.not_before = new Date(fields.notBefore).toISOString();
  if (needsAgent && fields.budgetTokens) add.budget_tokens = Number(fields.budgetTokens);
  if (needsAgent && fields.budgetUsd) add.budget_usd = Number(fields.budgetUsd);
  const inputs = attachments.flatMap(({ path }) => path ?? []);
  if (inputs.length > 0) add.inputs = inputs;
  return add;
}

/** What the task before left for this one. */
export function staying(): Partial<Fields> {
  const last = readDraft<Fields>(LAST) ?? {};
  return Object.fromEntries(STAYING.flatMap((name) => (last[name] ? [[name, last[name]]] : [])));
}

/** What was kept by another version has the fields of this one, each of its kind. */
export function fitting(kept: Partial<Record<keyof Fields, unknown>>): Fields {
  const fields: Fields = { ...EMPTY };
  for (const name of Object.keys(EMPTY) as (keyof Fields)[]) {
    const value = kept[name];
    if (name === 'dependsOn') {
      fields.dependsOn = Array.isArray(value) ? value.filter((id) => typeof id === 'string') : [];
    } else if (typeof value === 'string') fields[name] = value;
  }
  return fields;
}
