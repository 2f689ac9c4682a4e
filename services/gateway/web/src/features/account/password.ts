/** A password needs this many characters; length is what makes it hard to guess. */
export const minimumPasswordLength = 10;

/** Says what is wrong with a new password; undefined when nothing is. */
export function passwordProblem(password: string, email: string): string | undefined {
  if (password.length < minimumPasswordLength) {
    return `Use at least ${minimumPasswordLength} characters.`;
  }
  if (password.length > 200) return 'Use at most 200 characters.';
  if (new Set(password).size < 4) return 'Use more than a few different characters.';
  if (email !== '' && password.toLowerCase() === email.toLowerCase()) {
    return 'Use something other than your e-mail address.';
  }
  return undefined;
}

/** Says what is wrong with an e-mail address; undefined when nothing obvious is. The server has the last word. */
export function emailProblem(email: string): string | undefined {
  if (email.trim() === '') return 'Enter your e-mail address.';
  return /^[^\s@]+@[^\s@]+$/.test(email.trim())
    ? undefined
    : 'Enter an address like name@example.com.';
}
