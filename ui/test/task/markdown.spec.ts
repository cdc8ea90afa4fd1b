import { describe, expect, it } from 'vitest';

import { address } from '../../src/parts/markdown/address';
import { blocksOf } from '../../src/parts/markdown/blocks';
import { LONGEST, markdown } from '../../src/parts/markdown/render';
import { PAYLOADS } from '../xss-corpus';

const HARMLESS = new Set([
  ...['P', 'BR', 'HR', 'BLOCKQUOTE', 'PRE', 'CODE', 'EM', 'STRONG', 'DEL', 'UL', 'OL'],
  ...['LI', 'A', 'SPAN', 'TABLE', 'THEAD', 'TBODY', 'TR', 'TH', 'TD'],
]);

function rendered(text: string): HTMLElement {
  const box = document.createElement('div');
  box.append(markdown(text));
  return box;
}

function problems(box: HTMLElement): string[] {
  return [...box.querySelectorAll('*')].flatMap((element) => {
    const found = HARMLESS.has(element.tagName) ? [] : [element.outerHTML];
    for (const { name, value } of element.attributes) {
      const link = element.tagName === 'A' && name === 'href' && address(value) === value;
      const own = name === 'class' && /^(?:h[1-6]|beside)$/.test(value);
      const start = element.tagName === 'OL' && name === 'start';
      if (!link && !start && !own) found.push(`${name}=${value}`);
    }
    return found;
  });
}

describe('markdown', () => {
  it('hostile_text_leaves_nothing_but_harmless_elements', () => {
    expect(PAYLOADS.length).toBeGreaterThanOrEqual(220);
    expect(PAYLOADS.flatMap((payload) => problems(rendered(payload)))).toEqual([]);
  });

  it('hostile_text_stays_readable', () => {
    expect(rendered('<img src=x onerror=alert(1)>').textContent).toContain('<img src=x onerror=alert(1)>');
    expect(rendered('a <b>bold</b> claim').textContent?.trim()).toBe('a <b>bold</b> claim');
  });

  it('ordinary_markdown_is_rendered', () => {
    const box = rendered('# Title\n\n**bold** `code`\n\n3. three\n4. four\n\n- [x] done\n\n|a|b|\n|-|-|\n|1|2|');
    expect(box.querySelector('.h1')?.textContent).toBe('Title');
    expect(box.querySelector('strong')?.textContent).toBe('bold');
    expect(box.querySelector('ol')?.getAttribute('start')).toBe('3');
    expect(box.querySelector('ul')?.textContent).toContain('☑ done');
    expect(box.querySelectorAll('td')).toHaveLength(2);
  });

  it.each([
    ['**a *b* c**', '<p><strong>a <em>b</em> c</strong></p>'],
    ['***both***', '<p><em><strong>both</strong></em></p>'],
    ['*foo**bar*', '<p><em>foo**bar</em></p>'],
    ['snake_case_name and __init__', '<p>snake_case_name and <strong>init</strong></p>'],
    ['2 * 3 * 4', '<p>2 * 3 * 4</p>'],
    ['~~gone~~ ~kept~', '<p><del>gone</del> ~kept~</p>'],
    ['`` a ` b `` and `c', '<p><code>a ` b</code> and `c</p>'],
    ['a  \nb\\\nc\nd', '<p>a<br>b<br>c\nd</p>'],
    ['\\*not\\* &amp; &#x41;', '<p>*not* &amp; A</p>'],
    ['a\n===\n\nb\n---\nc', '<p class="h1">a</p><p class="h2">b</p><p>c</p>'],
    ['## closed ##', '<p class="h2">closed</p>'],
    ['#hashtag', '<p>#hashtag</p>'],
    ['***', '<hr>'],
    ['> a\nlazy\n\nb', '<blockquote><p>a\nlazy</p></blockquote><p>b</p>'],
    ['- a\n- b\n  - c\n- d', '<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>'],
    ['- a\n\n- b', '<ul><li><p>a</p></li><li><p>b</p></li></ul>'],
    ['1. a\n\n   more\n2. b', '<ol start="1"><li><p>a</p><p>more</p></li><li><p>b</p></li></ol>'],
    ['- a\n\n      code', '<ul><li><p>a</p><pre><code>code</code></pre></li></ul>'],
    ['* a\n- b', '<ul><li>a</li></ul><ul><li>b</li></ul>'],
    ['in\n1999. year', '<p>in\n1999. year</p>'],
    ['~~~\n```\n~~~', '<pre><code>```</code></pre>'],
    ['```\nopen', '<pre><code>open</code></pre>'],
    ['    code\n\n    more', '<pre><code>code\n\nmore</code></pre>'],
    ['a | b\n--|--\n`x\\|y` | z', '<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td><code>x|y</code></td><td>z</td></tr></tbody></table>'],
  ])('%j_is_drawn_as_it_is_meant', (text, html) => {
    expect(rendered(text).innerHTML).toBe(html);
  });

  it('links_by_name_and_bare_ones_are_found_and_their_sentences_left', () => {
    const links = (text: string): (string | null)[] =>
      [...rendered(text).querySelectorAll('a')].map((link) => link.getAttribute('href'));
    expect(links('[a][r] [r]\n\n[R]: https://r.example "t"')).toEqual(
      Array<string>(2).fill('https://r.example/'),
    );
    expect(links('see https://a.example/(x). And (https://b.example/y)!')).toEqual([
      'https://a.example/(x)',
      'https://b.example/y',
    ]);
    expect(links('www.c.example <me@d.example>')).toEqual(['https://www.c.example/', 'mailto:me@d.example']);
    expect(links('`https://no.example` xhttps://no.example')).toEqual([]);
  });

  it('hidden_characters_behind_an_entity_are_marks_too', () => {
    expect(rendered('a&#x202e;b `c\u200bd`').textContent).toBe('a[U+202E]b c[U+200B]d');
  });

  it.each([
    ['stars', '*'],
    ['opened stars', '*a '],
    ['both ways', 'a**b'],
    ['brackets', '['],
    ['links that do not end', '[a](b'],
    ['addresses', 'ahttp://a'],
    ['backticks', '`a``b'],
    ['quotes', '>'],
    ['lists', '- '],
    ['hashes', '#'],
    ['bars', '|'],
    ['dashes', '- - - x\n'],
    ['entities', '&#'],
    ['pointed brackets', '<a:'],
    ['nested lists', '  - a\n'],
  ])('many_%s_take_time_in_proportion_and_no_depth', (_, piece) => {
    const timed = (length: number): number => {
      const text = piece.repeat(length / piece.length);
      const start = performance.now();
      blocksOf(text);
      return (performance.now() - start) / length;
    };
    // The best of three: a busy machine delays one, hardly all.
    const best = (length: number): number => Math.min(...[1, 2, 3].map(() => timed(length)));
    const [few, many] = [best(8_000), best(128_000)];
    // Anything quadratic would be sixteen times as slow per character.
    expect(many).toBeLessThan(few * 8 + 0.01);
    expect(() => rendered(piece.repeat(20_000 / piece.length))).not.toThrow();
  });

  it('code_keeps_its_characters', () => {
    expect(rendered('```rust\nfn a<T>() -> &T {}\n```').querySelector('code')?.textContent).toBe(
      'fn a<T>() -> &T {}',
    );
  });

  it('links_show_their_whole_address', () => {
    const shown = (text: string): string => rendered(text).textContent?.trim() ?? '';
    expect(shown('[docs](https://example.com/a)')).toBe('docs (https://example.com/a)');
    expect(shown('[https://bank.example](https://evil.example)')).toBe(
      'https://bank.example (https://evil.example/)',
    );
    expect(shown('<https://example.com/a>')).toBe('https://example.com/a');
    expect(shown('[x](javascript:alert(1))')).toBe('x (javascript:alert(1))');
  });

  it('names_that_look_like_others_show_what_they_are', () => {
    expect(rendered('[bank](https://b\u0430nk.example)').textContent).toContain('https://xn--bnk-6cd.example/');
    expect(rendered('a\u202eb').textContent).toContain('a[U+202E]b');
  });

  it('images_become_links_and_are_never_loaded', () => {
    const box = rendered('![chart](https://example.com/c.png)');
    expect(box.querySelector('img')).toBeNull();
    expect(box.querySelector('a')?.textContent).toBe('chart (https://example.com/c.png)');
  });

  it('a_text_beyond_the_limit_is_shown_as_it_is', () => {
    const box = rendered(`# ${'x'.repeat(LONGEST)}`);
    expect(box.querySelector('.h1')).toBeNull();
    expect(box.querySelector('pre')?.textContent).toHaveLength(LONGEST + 2);
  });
});

describe('address', () => {
  it('only_web_and_mail_are_addresses', () => {
    expect(address('https://example.com')).toBe('https://example.com/');
    expect(address('mailto:a@example.com')).toBe('mailto:a@example.com');
    for (const other of ['javascript:1', 'file:///x', 'x', '//example.com', 'data:,x', 'ripieno://task/1']) {
      expect(address(other)).toBeNull();
    }
  });
});
