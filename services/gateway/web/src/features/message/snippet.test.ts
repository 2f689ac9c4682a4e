import { expect, test } from 'vitest';

import type { CallState } from '@/api/call';
import type { Direction } from '@/api/message';
import { aMessage } from '@/test/fixtures';

import { snippetOf } from './snippet';

const file = (contentType: string) => ({
  id: contentType,
  filename: 'a.bin',
  contentType,
  size: 1,
});
const files = (...types: string[]) => aMessage({ body: ' ', attachments: types.map(file) });
const call = (state: CallState, seconds: number, direction: Direction) =>
  aMessage({ body: '', direction, call: { state, seconds, transcript: '' } });

test.each([
  ['the text', aMessage({ body: 'hello' }), 'hello'],
  [
    'the answer without the mail it quotes',
    aMessage({ replyBody: 'yes', body: 'yes\n> no' }),
    'yes',
  ],
  ['a picture', files('image/png'), 'Picture'],
  ['pictures', files('image/png', 'image/jpeg'), '2 pictures'],
  ['a voice message', files('audio/ogg'), 'Voice message'],
  ['one other file', files('application/pdf'), 'a.bin'],
  ['files of several kinds', files('image/png', 'application/pdf'), '2 files'],
  ['a missed call', call('no_answer', 0, 'inbound'), 'Missed call'],
  ['a voicemail', call('voicemail', 12, 'inbound'), 'Voicemail, 0:12'],
  ['a call that rings', call('ringing', 0, 'outbound'), 'Calling'],
  ['a call that ended', call('completed', 185, 'outbound'), 'Outgoing call, 3:05'],
  ['a call nobody took', call('no_answer', 0, 'outbound'), 'Outgoing call, no answer'],
])('the line of %s', (_what, message, line) => {
  expect(snippetOf(message)).toBe(line);
});
