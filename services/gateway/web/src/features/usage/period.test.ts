import { expect, test } from 'vitest';

import { daysOf, recentPeriods } from './period';

test('months go back over the turn of the year', () => {
  expect(recentPeriods(new Date(2026, 1, 28), 3)).toEqual(['2026-02', '2026-01', '2025-12']);
});

test('a month has its days', () => {
  expect(daysOf('2028-02')).toHaveLength(29);
  expect(daysOf('2026-11').at(-1)).toBe('2026-11-30');
});
