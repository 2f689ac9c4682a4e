import { expect, test } from 'vitest';

import { amount, minorUnits, money, unitPrice } from './money';

test.each([
  [4900, 'USD', '49.00'],
  [7, 'EUR', '0.07'],
  [500, 'JPY', '500'],
  [1500, 'KWD', '1.500'],
])('%i of %s is %s', (minor, currency, text) => {
  expect(money(minor, currency)).toContain(text);
  expect(amount(minor, currency)).toBe(text);
  expect(minorUnits(text, currency)).toBe(minor);
});

test.each(['', '-1', '1.234', 'ten', '1e3', '1.2.3'])('"%s" is no amount of dollars', (text) => {
  expect(minorUnits(text, 'USD')).toBeUndefined();
});

test('a price of a unit keeps its millionths', () => {
  expect(unitPrice(7900, 'USD')).toContain('0.0079');
});
