import { expect, test } from 'vitest';

import { splitQuote } from './quote';

test('quoted lines at the end and their introduction are parted from the answer', () => {
  const body = 'Thanks!\n\nAna\n\nOn Monday, we wrote:\n> Hello\n> there\n';
  expect(splitQuote(body)).toEqual({
    text: 'Thanks!\n\nAna',
    quoted: 'On Monday, we wrote:\n> Hello\n> there',
  });
});

test('an answer between the quotes stays whole', () => {
  const body = '> Shall we?\nYes.\n> When?\nAt noon.';
  expect(splitQuote(body)).toEqual({ text: body, quoted: '' });
});

test('a mail of quotes alone stays whole', () => {
  expect(splitQuote('> only this')).toEqual({ text: '> only this', quoted: '' });
});
