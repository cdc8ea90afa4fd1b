import { describe, expect, it } from 'vitest';

import { glance } from '../src/state/words';
import { status } from './fixtures';
import words from './words.json';

describe('glance', () => {
  it.each(words.cases)('$name', (example) => {
    const view = example.status && status(example.status as Parameters<typeof status>[0]);
    expect(glance(view, Date.parse(words.now))).toEqual({ mark: example.mark, text: example.text });
  });
});
