import { expect, test } from 'vitest';

import { readableSize } from './size';

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1 KB'],
  [1400, '1.4 KB'],
  [640_200, '640 KB'],
  [999_600, '1 MB'],
  [5_000_000, '5 MB'],
  [12_345_678, '12 MB'],
])('%i bytes are %s', (bytes, text) => {
  expect(readableSize(bytes)).toBe(text);
});
