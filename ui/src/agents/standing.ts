import type { Lane, Runtime } from '../host/types';
import type { GlyphMark } from '../parts/Glyph.svelte';
import { classWord } from '../tasks/words';
import { clock, t } from '../words';

/** How something stands: a mark, its word, and where there is more to say a sentence. */
export interface Standing {
  mark: GlyphMark;
  word: string;
  help: string | null;
}

/** Whether tasks can use an agent, or why not. */
export function ofRuntime(runtime: Runtime): Standing {
  if (runtime.path === null) {
    const help = t('agents-not-on-path', { program: runtime.program });
    return { mark: 'cancelled', word: t('agents-missing'), help };
  }
  // No version and no way to talk to it are told apart: the first has a cause of its own.
  if (runtime.protocol === null && runtime.version !== null) {
    return { mark: 'cancelled', word: t('agents-unusable'), help: t('agents-no-adapter') };
  }
  if (!runtime.usable) {
    return { mark: 'failed', word: t('agents-unusable'), help: runtime.reason };
  }
  if (runtime.signed_in === false) {
    return { mark: 'holding', word: t('agents-signed-out'), help: runtime.reason };
  }
  return { mark: 'done', word: t('agents-ready'), help: runtime.reason };
}

/** Whether tasks of a lane may start, or what keeps them. */
export function ofLane(lane: Lane, now: number): Standing {
  if (lane.signed_out) {
    return { mark: 'holding', word: t('agents-signed-out'), help: t('agents-lane-signed-out-help') };
  }
  if (lane.drained) {
    return { mark: 'failed', word: t('agents-lane-drained'), help: t('agents-lane-drained-help') };
  }
  if (lane.missing) {
    return {
      mark: 'holding',
      word: t('agents-lane-held'),
      help: t('agents-lane-lacking', { what: lane.missing }),
    };
  }
  if (lane.held_until || lane.hold_reason) {
    const word = lane.held_until
      ? t('agents-lane-held-until', { time: clock(lane.held_until, now) })
      : t('agents-lane-held');
    return { mark: 'holding', word, help: reason(lane.hold_reason) };
  }
  return { mark: 'done', word: t('agents-lane-open'), help: null };
}

/** A failure class in words; one this page does not know as it is. */
function reason(written: string | null | undefined): string | null {
  return written ? classWord(written) : null;
}

/** Whether there is anything that a release would end. */
export function releasable(lane: Lane): boolean {
  return Boolean(lane.signed_out || lane.drained || lane.missing || lane.held_until || lane.hold_reason);
}
