import { expect, test } from 'vitest';

import { countSegments } from './segment';

const cases: [string, string, string, number, number][] = [
  ['an empty text has no segment', '', 'GSM-7', 0, 160],
  ['160 plain letters fit in one', 'a'.repeat(160), 'GSM-7', 1, 0],
  ['161 plain letters need two of 153', 'a'.repeat(161), 'GSM-7', 2, 145],
  ['a euro sign costs two septets', '€'.repeat(80), 'GSM-7', 1, 0],
  ['an escape pair is never split', 'a'.repeat(152) + '€' + 'a'.repeat(10), 'GSM-7', 2, 141],
  ['umlauts are plain', 'äöüß', 'GSM-7', 1, 156],
  ['a letter outside the alphabet makes it UCS-2', 'ê', 'UCS-2', 1, 69],
  ['70 such letters fit in one', 'ê'.repeat(70), 'UCS-2', 1, 0],
  ['71 need two of 67', 'ê'.repeat(71), 'UCS-2', 2, 63],
  ['an emoji costs two units', '😀', 'UCS-2', 1, 68],
  ['an emoji is never split', 'ê'.repeat(66) + '😀' + 'ê'.repeat(10), 'UCS-2', 2, 55],
];

test.each(cases)('%s', (_rule, text, encoding, count, left) => {
  expect(countSegments(text)).toMatchObject({ encoding, count, left });
});
