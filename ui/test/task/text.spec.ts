import { describe, expect, it } from 'vitest';

import { spans, stripped } from '../../src/parts/text/ansi';
import { excerpt } from '../../src/parts/text/excerpt';
import { segments, visible } from '../../src/parts/text/hidden';

const ESC = '\u001b';

describe('hidden characters', () => {
  it('overrides_controls_and_zero_widths_become_marks', () => {
    expect(visible('user\u202e gnp.exe')).toBe('user[U+202E] gnp.exe');
    expect(visible('a\u0000b\u0007c\u009bd')).toBe('a[U+0000]b[U+0007]c[U+009B]d');
    expect(visible('pay\u200bpal \u2066x\u2069 \ufeff\u00ad\u3164')).toBe(
      'pay[U+200B]pal [U+2066]x[U+2069] [U+FEFF][U+00AD][U+3164]',
    );
    expect(visible('\u{e0041}\u{e007f}')).toBe('[U+E0041][U+E007F]');
  });

  it('newlines_tabs_and_ordinary_spelling_stay', () => {
    const kept = ['a\n\tb', '👩‍👩‍👧‍👦 ✈️ 👍🏽', 'می‌خواهم', 'क्‍ष', '日本語、한국어', '葛󠄀'];
    for (const text of kept) expect(visible(text)).toBe(text);
  });

  it('joiner_between_letters_is_no_spelling', () => {
    expect(visible('ad\u200dmin')).toBe('ad[U+200D]min');
  });

  it('segments_say_which_parts_are_marks', () => {
    expect(segments('a\u202eb')).toEqual([
      { text: 'a', hidden: false },
      { text: 'U+202E', hidden: true },
      { text: 'b', hidden: false },
    ]);
    expect(segments('')).toEqual([]);
  });
});

describe('terminal output', () => {
  it('colours_and_weights_become_spans', () => {
    const found = spans(`plain ${ESC}[1;31mred${ESC}[0m ${ESC}[38;5;46mgreen${ESC}[39m.`);
    expect(found.map((span) => [span.text, span.style.colour, span.style.bold])).toEqual([
      ['plain ', null, false],
      ['red', 'red', true],
      [' ', null, false],
      ['green', 'green', false],
      ['.', null, false],
    ]);
    expect(spans(`${ESC}[38;2;255;10;10mx`)[0]?.style.colour).toBe('red');
    expect(spans(`${ESC}[38;5;240mx`)[0]?.style.colour).toBeNull();
  });

  it('links_titles_and_clipboard_writes_are_dropped', () => {
    expect(stripped(`a${ESC}]8;;https://evil.example${ESC}\\b${ESC}]8;;\u0007c`)).toBe('abc');
    expect(stripped(`x${ESC}]52;c;aGk=\u0007y\u009d0;t\u009cz`)).toBe('xyz');
    expect(stripped(`a${ESC}[2J${ESC}[10;5Hb${ESC}(Bc${ESC}Pq#0${ESC}\\d`)).toBe('abcd');
  });

  it('unended_sequence_swallows_no_more_than_its_line', () => {
    expect(stripped(`a${ESC}]0;title\nb`)).toBe('a\nb');
    expect(stripped(`a${ESC}[`)).toBe('a');
    expect(stripped(`a${ESC}`)).toBe('a');
  });

  it('no_sequence_survives_whatever_it_is_made_of', () => {
    const pieces = [ESC, '[', ']', '8;;x', 'm', '\u0007', '\\', '\u009b', '31', 'text', '\n', 'P'];
    for (let seed = 0; seed < 2000; seed++) {
      let text = '';
      for (let at = 0, value = seed * 7919 + 1; at < 12; at++, value = (value * 16807) % 2147483647) {
        text += pieces[value % pieces.length];
      }
      expect(stripped(text)).not.toContain(ESC);
    }
  });
});

describe('excerpt', () => {
  const lines = (count: number): string =>
    Array.from({ length: count }, (_, at) => `line ${at + 1}`).join('\n');

  it('long_text_shows_head_and_tail_with_the_lines_between_counted', () => {
    const cut = excerpt(lines(100), { head: 3, tail: 2 });
    expect(cut).toEqual({ head: 'line 1\nline 2\nline 3', left: 95, tail: 'line 99\nline 100' });
  });

  it('newline_at_the_end_is_no_line', () => {
    const cut = excerpt(`${lines(100)}\n`, { head: 3, tail: 2 });
    expect([cut.left, cut.tail]).toEqual([95, 'line 99\nline 100\n']);
  });

  it('text_that_nearly_fits_is_shown_whole', () => {
    for (const count of [0, 1, 5, 7]) {
      expect(excerpt(lines(count), { head: 3, tail: 2 })).toEqual({ head: lines(count), left: 0, tail: '' });
    }
    expect(excerpt(lines(8), { head: 3, tail: 2 }).left).toBe(3);
  });
});
