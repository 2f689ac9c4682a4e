import { expect, test } from 'vitest';

import { parseConsentSearch, toConsentFilter } from './search';

test('without filters those who want no messages are listed', () => {
  expect(toConsentFilter(parseConsentSearch({}))).toEqual({ state: 'opted_out' });
});

test('what makes no sense is left out', () => {
  expect(parseConsentSearch({ channel: 'call', state: 'x', address: {} })).toEqual({});
});

test('every state can be listed, and one address looked for', () => {
  const search = parseConsentSearch({ channel: 'sms', state: 'all', address: 14155550100 });
  expect(toConsentFilter(search)).toEqual({ channel: 'sms', address: '14155550100' });
});
