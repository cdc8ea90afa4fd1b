import { HostError } from '../host/host';
import type { FolderCheck } from '../host/types';
import { known, type Arguments } from './words.svelte';

/** Why the worker refused, by name; null where it gave no reason beside its sentence. */
export function reasonOf(error: unknown): string | null {
  const { reason } = details(error);
  return typeof reason === 'string' ? reason : null;
}

/** A refusal for its reader: in the language of the page where its reason has words there, else as the worker said it. */
export function refusal(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  const reason = reasonOf(error);
  return reason === null ? said : known(`states-refused-${reason}`, said, values(details(error)));
}

/** Why no task may work in a folder, for its reader; null where one may. */
export function folderRefusal(check: FolderCheck | null): string | null {
  if (!check?.refused) return null;
  const { path, refused, refused_because: because } = check;
  return because ? known('states-refused-folder', refused, { folder: path, because }) : refused;
}

function details(error: unknown): Record<string, unknown> {
  const detail = error instanceof HostError ? error.detail : null;
  return typeof detail === 'object' && detail !== null ? (detail as Record<string, unknown>) : {};
}

/** What a sentence can name: texts and numbers, lists as one text. */
function values(detail: Record<string, unknown>): Arguments {
  const named: Arguments = {};
  for (const [name, value] of Object.entries(detail)) {
    if (typeof value === 'string' || typeof value === 'number') named[name] = value;
    else if (Array.isArray(value)) named[name] = value.join(', ');
  }
  return named;
}
