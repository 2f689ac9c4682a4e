import { expect, test } from 'vitest';

import { aTemplate } from '@/test/fixtures';

import { fill, missing, render } from './render';
import { isWindowClosed } from './window';

const template = aTemplate();

test('gaps are filled, and one without a value stays as it is', () => {
  expect(render(template, { '1': 'Ana' })).toBe('Hello Ana, your order {{2}} is ready.');
  expect(render(template, { '1': 'Ana', '2': ' 20881 ' })).toBe(
    'Hello Ana, your order 20881 is ready.',
  );
});

test('a value is text, whatever it looks like', () => {
  expect(render(template, { '1': '{{2}}', '2': '$1' })).toBe(
    'Hello {{2}}, your order $1 is ready.',
  );
});

test('each gap can be told from the text around it', () => {
  expect(fill('{{ name }}!', { name: 'Ana' })).toEqual([
    { text: 'Ana', gap: 'name' },
    { text: '!' },
  ]);
});

test('blanks are no value', () => {
  expect(missing(template, { '1': ' ', '2': 'x' })).toEqual(['1']);
});

const now = new Date('2026-03-01T10:00:00Z');
test.each([
  ['a channel without a window', { hasWindow: false }, false],
  ['a customer who never wrote', { hasWindow: true }, true],
  [
    'one who wrote lately',
    { hasWindow: true, windowExpiresAt: new Date(now.getTime() + 1) },
    false,
  ],
  ['one who wrote long ago', { hasWindow: true, windowExpiresAt: now }, true],
])('the window of %s', (_whose, conversation, isClosed) => {
  expect(isWindowClosed(conversation, now)).toBe(isClosed);
});
