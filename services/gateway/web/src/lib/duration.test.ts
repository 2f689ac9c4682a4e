import { expect, test } from 'vitest';

import { clockDuration, spokenDuration } from './duration';

test.each([
  [0, '0:00'],
  [12.9, '0:12'],
  [185, '3:05'],
  [3729, '1:02:09'],
  [-3, '0:00'],
])('%d seconds are %s', (seconds, text) => {
  expect(clockDuration(seconds)).toBe(text);
});

test.each([
  [59_999, 'less than a minute'],
  [60_000, '1 minute'],
  [25 * 60_000, '25 minutes'],
  [5 * 3_600_000, '5 hours'],
  [(5 * 60 + 12) * 60_000, '5 hours 12 minutes'],
])('%d milliseconds are %s', (milliseconds, text) => {
  expect(spokenDuration(milliseconds)).toBe(text);
});
