import { expect, test } from 'vitest';

import { dayName, shortAge } from './time';

const now = new Date(2026, 2, 11, 0, 30);

test.each([
  [new Date(2026, 2, 11, 0, 29, 40), 'now'],
  [new Date(2026, 2, 11, 0, 5), '25m'],
  [new Date(2026, 2, 10, 23, 55), '35m'],
  [new Date(2026, 2, 10, 21, 0), 'Yesterday'],
])('%s is "%s" ago', (at, text) => {
  expect(shortAge(at, now)).toBe(text);
});

test('days are calendar days', () => {
  expect(dayName(new Date(2026, 2, 11, 0, 1), now)).toBe('Today');
  expect(dayName(new Date(2026, 2, 10, 23, 59), now)).toBe('Yesterday');
});
