import { expect, test } from 'vitest';

import { passwordProblem } from './password';

test.each([
  ['short', 'Use at least 8 characters.'],
  ['aaaaaaaaaaaa', 'Use more than a few different characters.'],
  ['Mara@Example.com', 'Use something other than your e-mail address.'],
  ['a quiet harbour', undefined],
])('%s', (password, problem) => {
  expect(passwordProblem(password, 'mara@example.com')).toBe(problem);
});
