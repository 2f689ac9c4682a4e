import { expect, test } from 'vitest';

import { parseInboxSearch, toFilter } from './filter';

test('what makes no sense in the address is left out', () => {
  const search = { status: 'open', unread: 'yes', q: 7, starred: true };
  expect(parseInboxSearch(search)).toEqual({ starred: true });
});

test('the usual list is the active conversations', () => {
  expect(toFilter('all', {})).toEqual({ status: 'active' });
  expect(toFilter('text', { status: 'all', unread: true })).toEqual({
    channel: 'sms',
    unread: true,
  });
});
