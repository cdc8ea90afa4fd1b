import { describe, expect, it } from 'vitest';

import { planSteps, type Entry, type Item } from '../../src/task/transcript/entry';
import { Transcript, type Row } from '../../src/task/transcript/transcript';

let last = 0;

function entry(item: Item, place: Partial<Entry> = {}): Entry {
  const at = '2026-11-28T10:00:00.000Z';
  return { n: ++last, at, attempt: 1, movement: 'build', ...place, ...item } as Entry;
}

function text(words: string, stream: string | null = null): Entry {
  return entry({ kind: 'text', text: words, stream });
}

function call(id: string, line = `Run ${id}`): Entry {
  return entry({ kind: 'tool_call', id, tool: 'Bash', line, input: { command: id } });
}

function result(id: string, output = 'ok', error = false): Entry {
  return entry({ kind: 'tool_result', id, output, error, ms: 1200 });
}

function folded(...entries: Entry[]): Row[] {
  const transcript = new Transcript();
  transcript.append(entries);
  return transcript.rows.filter((row) => row.kind !== 'divider');
}

describe('transcript', () => {
  it('pieces_of_one_text_are_one_row', () => {
    expect(folded(text('Hel'), text('lo'), text('!'))).toMatchObject([{ text: 'Hello!' }]);
  });

  it('streams_and_sub_agents_keep_their_texts_apart', () => {
    const rows = folded(text('a', 'stdout'), text('b', 'stderr'), text('c', 'agent:t1'), text('d'));
    expect(rows.map((row) => (row.kind === 'text' ? [row.stream, row.text] : []))).toEqual([
      ['stdout', 'a'],
      ['stderr', 'b'],
      ['agent:t1', 'c'],
      [null, 'd'],
    ]);
  });

  it('thinking_does_not_flow_into_text', () => {
    const rows = folded(entry({ kind: 'thinking', text: 'hm' }), text('Done.'));
    expect(rows.map((row) => row.kind)).toEqual(['thinking', 'text']);
  });

  it('result_joins_its_call_also_when_others_came_between', () => {
    const rows = folded(call('a'), call('b'), text('meanwhile'), result('b'), result('a', 'no', true));
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({ call: { id: 'a' }, result: { output: 'no', error: true } });
    expect(rows[1]).toMatchObject({ call: { id: 'b' }, result: { output: 'ok', ms: 1200 } });
  });

  it('result_without_its_call_is_shown_only_where_it_failed', () => {
    expect(folded(result('x'))).toEqual([]);
    expect(folded(result('x', 'no', true))).toMatchObject([{ call: null, result: { id: 'x' } }]);
  });

  it('second_call_of_the_same_id_gets_its_own_result', () => {
    const rows = folded(call('a'), result('a', 'one'), call('a'), result('a', 'two'));
    expect(rows).toMatchObject([{ result: { output: 'one' } }, { result: { output: 'two' } }]);
  });

  it('errors_stand_alone_and_usage_is_no_row', () => {
    const rows = folded(
      text('a'),
      entry({ kind: 'error', text: 'one' }),
      entry({ kind: 'error', text: 'two' }),
      entry({ kind: 'usage' }),
    );
    expect(rows.map((row) => row.kind)).toEqual(['text', 'error', 'error']);
  });

  it('movement_and_attempt_begin_with_a_divider', () => {
    const transcript = new Transcript();
    transcript.append([
      entry({ kind: 'status', text: 'started' }),
      entry({ kind: 'status', text: 'review' }, { movement: 'review' }),
      entry({ kind: 'status', text: 'again' }, { movement: 'review', attempt: 2 }),
    ]);
    const dividers = transcript.rows.filter((row) => row.kind === 'divider');
    expect(dividers).toMatchObject([
      { attempt: 1, movement: 'build', again: false },
      { attempt: 1, movement: 'review', again: false },
      { attempt: 2, movement: 'review', again: true },
    ]);
  });

  it('entries_that_came_before_are_not_taken_again', () => {
    const transcript = new Transcript();
    const page = [text('once'), text('.')];
    transcript.append(page);
    transcript.append(page);
    expect(transcript.rows.at(-1)).toMatchObject({ text: 'once.' });
    expect(transcript.entries).toBe(2);
  });

  it('output_of_a_script_is_cut_into_rows_between_lines', () => {
    const line = `${'x'.repeat(99)}\n`;
    const rows = folded(...Array.from({ length: 200 }, () => text(line, 'stdout')));
    expect(rows.length).toBeGreaterThan(3);
    for (const row of rows) {
      expect(row.kind === 'text' && row.text.endsWith('\n') && row.text.length <= 5000).toBe(true);
    }
  });

  it('text_without_any_newline_is_cut_too', () => {
    const rows = folded(...Array.from({ length: 100 }, () => text('x'.repeat(1000), 'stdout')));
    expect(Math.max(...rows.map((row) => (row.kind === 'text' ? row.text.length : 0)))).toBeLessThan(
      20_000,
    );
  });

  it('keys_are_unique_and_stay_when_a_row_grows', () => {
    const transcript = new Transcript();
    transcript.append([text('a'), call('t')]);
    const before = transcript.rows.map((row) => row.key);
    transcript.append([result('t'), text('b')]);
    expect(transcript.rows.map((row) => row.key).slice(0, 3)).toEqual(before);
    expect(new Set(transcript.rows.map((row) => row.key)).size).toBe(transcript.rows.length);
  });

  it('hundred_thousand_entries_cost_the_same_per_entry_as_ten_thousand', () => {
    const timed = (count: number): number => {
      const entries = Array.from({ length: count }, (_, at) =>
        at % 3 === 0 ? call(`c${at}`) : at % 3 === 1 ? result(`c${at - 1}`) : text(`line ${at}\n`),
      );
      const transcript = new Transcript();
      const start = performance.now();
      for (let at = 0; at < count; at += 100) transcript.append(entries.slice(at, at + 100));
      expect(transcript.rows.length).toBeGreaterThan(count / 2);
      return (performance.now() - start) / count;
    };
    timed(10_000);
    const [few, many] = [timed(10_000), timed(100_000)];
    // Anything quadratic would be ten times as slow; a busy machine is not.
    expect(many).toBeLessThan(few * 6 + 0.005);
  });

  it('oldest_rows_are_forgotten_and_results_still_find_their_calls', () => {
    const transcript = new Transcript({ rows: 100, characters: 1e9 });
    for (let at = 0; at < 500; at++) transcript.append([entry({ kind: 'status', text: `s${at}` })]);
    transcript.append([call('late'), entry({ kind: 'status', text: 'x' }), result('late')]);
    expect(transcript.rows.length).toBeLessThanOrEqual(100);
    expect(transcript.total).toBe(503);
    expect(transcript.rows.at(-2)).toMatchObject({ call: { id: 'late' }, result: { id: 'late' } });
  });

  it('characters_are_bounded_as_well', () => {
    const transcript = new Transcript({ rows: 1e9, characters: 100_000 });
    for (let at = 0; at < 300; at++) transcript.append([result(`r${at}`, 'y'.repeat(1000), true)]);
    const kept = transcript.rows.length * 1000;
    expect(kept).toBeLessThanOrEqual(100_000);
    expect(kept).toBeGreaterThan(50_000);
  });
});

describe('checklist', () => {
  it('known_forms_are_read_and_others_left_out', () => {
    const items = [
      { content: 'a', status: 'completed' },
      { text: 'b', status: 'in_progress' },
      { step: 'c', status: 'pending' },
      'd',
      7,
      {},
    ];
    expect(planSteps(items)).toEqual([
      { text: 'a', state: 'done' },
      { text: 'b', state: 'current' },
      { text: 'c', state: 'open' },
      { text: 'd', state: 'open' },
    ]);
    expect(planSteps('nothing')).toEqual([]);
  });
});
