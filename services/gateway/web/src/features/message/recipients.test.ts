import { expect, test } from 'vitest';

import { aMessage } from '@/test/fixtures';

import { addAddresses, isAddress, othersIn, splitAddresses } from './recipients';

test('what is pasted is cut into addresses, names left out', () => {
  expect(splitAddresses('Ana <ana@example.com>, ben@example.com;\ncleo@example.com ')).toEqual([
    'ana@example.com',
    'ben@example.com',
    'cleo@example.com',
  ]);
});

test('an address is there once, whatever its capitals', () => {
  expect(addAddresses(['a@example.com'], ['A@Example.com', 'b@example.com'])).toEqual([
    'a@example.com',
    'b@example.com',
  ]);
});

test.each(['ana', 'ana@', '@example.com', 'a b@example.com', 'a@b@c'])('%s is no address', (text) =>
  expect(isAddress(text)).toBe(false),
);

test('an answer to all leaves out the customer and ourselves', () => {
  const mail = aMessage({
    direction: 'inbound',
    from: 'ana@example.com',
    to: 'shop@example.org',
    cc: ['Ben@example.com', 'SHOP@example.org', 'ana@example.com'],
  });
  expect(othersIn(mail, 'ana@example.com', 'shop@example.org')).toEqual(['Ben@example.com']);
});

test('an answer through a reply address leaves that out too', () => {
  const mail = aMessage({
    direction: 'inbound',
    from: 'ben@example.com',
    to: 'reply+1@example.org',
  });
  expect(othersIn(mail, 'ana@example.com', 'shop@example.org')).toEqual(['ben@example.com']);
});
