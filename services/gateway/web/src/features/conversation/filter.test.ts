import { expect, test } from 'vitest';

import { parseInboxSearch, toFilter } from './filter';

test('what makes no sense in the address is left out', () => {
  const search = { status: 'open', unread: 'yes', q: ['x'], starred: true };
  expect(parseInboxSearch(search)).toEqual({ starred: true });
});

test('a number is searched for like a text', () => {
  expect(parseInboxSearch({ q: 5550123 })).toEqual({ q: '5550123' });
});

test('the usual list is the active conversations', () => {
  expect(toFilter('all', {})).toEqual({ status: 'active' });
  expect(toFilter('text', { status: 'all', unread: true })).toEqual({
    channel: 'sms',
    unread: true,
  });
});
