import { expect, test } from 'vitest';

import { passwordProblem } from './password';

test.each([
  ['short', 'Use at least 10 characters.'],
  ['aaaaaaaaaaaa', 'Use more than a few different characters.'],
  ['Owner@Example.com', 'Use something other than your e-mail address.'],
  ['a quiet harbour', undefined],
])('%s', (password, problem) => {
  expect(passwordProblem(password, 'owner@example.com')).toBe(problem);
});
