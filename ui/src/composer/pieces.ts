import type { PieceRow } from '../host/types';
import { known } from '../words';

/** What a piece does: in the reader's language where it is one of ours, else in the words of whoever wrote it. */
export function aboutOf({ name, origin, summary }: Pick<PieceRow, 'name' | 'origin' | 'summary'>): string {
  return origin === 'built_in' ? known(`composer-piece-about-${name}`, summary) : summary;
}
