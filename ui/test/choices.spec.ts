import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import Chips from '../src/composer/Chips.svelte';
import { Choices } from '../src/composer/choices.svelte';
import { EMPTY, request } from '../src/composer/fields';
import type { Runtime } from '../src/host/types';
import { ScriptedHost } from './fixtures';

function runtime(kind: string, models: string[], levels: Runtime['levels']): Runtime {
  return {
    id: `${kind}:default`,
    kind,
    name: kind,
    program: kind,
    path: `/usr/bin/${kind}`,
    version: '1.0.0',
    usable: true,
    reason: null,
    signed_in: null,
    protocol: 'acp',
    models,
    levels,
    lane: `${kind}:default`,
  };
}

async function choices(): Promise<Choices> {
  const runtimes = [
    runtime('claude', ['opus', 'haiku'], { '': ['low', 'high'], opus: ['low', 'max'], haiku: [] }),
    runtime('codex', ['gpt'], { gpt: ['minimal'] }),
    runtime('mine', [], {}),
  ];
  const host = new ScriptedHost({ 'runtime.list': () => ({ runtimes }) });
  const choices = new Choices(host);
  await choices.readRuntimes();
  return choices;
}

describe('models and levels', () => {
  it('go_by_the_agent_and_the_model', async () => {
    const all = await choices();
    expect(all.models('claude')).toEqual(['opus', 'haiku']);
    expect(all.models('')).toEqual(['opus', 'haiku', 'gpt']);
    expect(all.models('mine')).toEqual([]);
    expect(all.levels('claude', 'opus')).toEqual(['low', 'max']);
    expect(all.levels('claude', '')).toEqual(['low', 'high']);
    expect(all.levels('claude', 'haiku')).toEqual([]);
    expect(all.levels('mine', '')).toEqual([]);
  });

  it('of_a_model_that_is_not_offered_are_all_there_are', async () => {
    const all = await choices();
    expect(all.levels('claude', 'brand-new')).toEqual(['low', 'high', 'max']);
  });

  it('are_offered_and_anything_else_may_be_written', async () => {
    const fields = { ...EMPTY, agent: 'claude' };
    render(Chips, { fields, choices: await choices(), needsAgent: true });
    const model = screen.getByLabelText<HTMLInputElement>('Model');
    const offered = [...(model.list?.options ?? [])].map(({ value }) => value);
    expect(offered).toEqual(['opus', 'haiku']);
    const user = userEvent.setup();
    await user.type(model, 'brand-new');
    await user.type(screen.getByLabelText('Reasoning'), 'max');
    expect(fields).toMatchObject({ model: 'brand-new', effort: 'max' });
  });
});

it('request_names_model_and_level_only_where_they_were_written', () => {
  const written = { ...EMPTY, prompt: 'Go', agent: 'claude', model: ' opus ', effort: ' high ' };
  expect(request(written, [], true, 'k')).toMatchObject({ model: 'opus', effort: 'high' });
  expect(request({ ...EMPTY, prompt: 'Go' }, [], true, 'k')).not.toHaveProperty('effort');
  expect(request(written, [], false, 'k')).not.toHaveProperty('model');
});
