import { expect, test } from 'vitest';

import { readableSize } from './size';

const mega = 1024 * 1024;

test.each([
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [1024, '1 KB'],
  [1434, '1.4 KB'],
  [640 * 1024, '640 KB'],
  [mega - 1, '1 MB'],
  [5 * mega, '5 MB'],
  [12.4 * mega, '12 MB'],
])('%i bytes are %s', (bytes, text) => {
  expect(readableSize(bytes)).toBe(text);
});
