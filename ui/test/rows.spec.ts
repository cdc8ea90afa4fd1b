import { describe, expect, it } from 'vitest';

import { itemAt, offsetsOf } from '../src/parts/window';
import { everything, parse, toggle, tokens, without } from '../src/tasks/query';

describe('rows of known height', () => {
  const offsets = offsetsOf([30, 44, 44, 30, 44]);

  it('offsets_add_up_to_the_whole', () => {
    expect([...offsets]).toEqual([0, 30, 74, 118, 148, 192]);
  });

  it.each([
    [-5, 0],
    [0, 0],
    [29, 0],
    [30, 1],
    [117, 2],
    [118, 3],
    [191, 4],
    [9999, 4],
  ])('place_%i_lies_in_item_%i', (place, at) => {
    expect(itemAt(offsets, place)).toBe(at);
  });

  it('empty_list_has_its_first_place', () => {
    expect(itemAt(offsetsOf([]), 10)).toBe(0);
  });
});

describe('what is typed into the search', () => {
  it('tokens_are_told_from_words', () => {
    expect(parse('fix state:failed login agent:claude label:"two words"')).toEqual({
      states: ['failed', 'dead'],
      agents: ['claude'],
      projects: [],
      labels: ['two words'],
      search: 'fix login',
    });
  });

  it('word_with_a_colon_that_is_no_token_is_a_word', () => {
    expect(parse('http://x foo:bar').search).toBe('http://x foo:bar');
    expect(tokens('prestate:failed')).toEqual([]);
  });

  it('token_is_added_and_taken_away_again', () => {
    const with_token = toggle('fix', 'project', 'my site');
    expect(with_token).toBe('fix project:"my site" ');
    expect(toggle(with_token, 'project', 'my site')).toBe('fix');
    expect(without('a label:x b', 'label:x')).toBe('a b');
  });

  it('nothing_typed_asks_for_everything', () => {
    expect(everything(parse('  '))).toBe(true);
    expect(everything(parse('state:moon'))).toBe(false);
  });
});
