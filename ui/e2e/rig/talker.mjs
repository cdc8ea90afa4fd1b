#!/usr/bin/env node
/**
 * A stand-in for Claude Code that talks a lot: it speaks its `stream-json` and says as many things as the prompt asks
 * for with `TALK:entries:rate`, at so many a second (0: as fast as it can), each with its number and the moment it was
 * said. Of three entries one is a text, one a tool call and one the call's result.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

if (process.argv.includes('--version')) {
  console.log('2.1.197 (Claude Code)');
  process.exit(0);
}

const named = process.argv.indexOf('--session-id');
const session = named > 0 ? process.argv[named + 1] : '00000000-0000-4000-8000-000000000000';

/** @param {object} message */
function say(message) {
  const line = Buffer.from(`${JSON.stringify({ session_id: session, ...message })}\n`);
  for (let at = 0; at < line.length; ) {
    try {
      at += writeSync(1, line, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

/** @param {number} n */
function entry(n) {
  const mark = `entry ${n} @${Date.now()}`;
  const call = `call-${Math.floor(n / 3)}`;
  const content = [
    { type: 'text', text: `Some **prose** of ${mark}, with \`code\` in it.` },
    { type: 'tool_use', id: call, name: 'Bash', input: { command: `echo ${mark}` } },
    { type: 'tool_result', tool_use_id: call, content: `${mark}\nok`, is_error: false },
  ][n % 3];
  const role = n % 3 === 2 ? 'user' : 'assistant';
  say({ type: role, message: { id: `m${n}`, model: 'talker', role, content: [content] } });
}

/** @param {number} entries @param {number} rate */
async function talk(entries, rate) {
  say({ type: 'system', subtype: 'init', model: 'talker', tools: ['Bash'] });
  const begin = Date.now();
  for (let n = 0; n < entries; ) {
    const due = rate === 0 ? entries : Math.min(entries, Math.ceil(((Date.now() - begin) / 1000) * rate));
    while (n < due) entry(n++);
    await new Promise((next) => setTimeout(next, 1));
  }
  const content = [{ type: 'text', text: `Said ${entries}.` }];
  say({ type: 'assistant', message: { id: 'last', model: 'talker', role: 'assistant', content } });
  const usage = { input_tokens: 1, output_tokens: entries };
  // A result without the reason for its end would be that of an answer that was cut off.
  const end = { stop_reason: 'end_turn', is_error: false, num_turns: 1 };
  say({ type: 'result', subtype: 'success', result: `Said ${entries}.`, usage, ...end });
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.type === 'control_request') {
    const response = { subtype: 'success', request_id: message.request_id, response: {} };
    say({ type: 'control_response', response });
  } else if (message.type === 'user') {
    const [, entries = '0', rate = '0'] = /TALK:(\d+):(\d+)/.exec(line) ?? [];
    void talk(Number(entries), Number(rate));
  }
});
