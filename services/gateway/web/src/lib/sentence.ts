/** A sentence with its full stop: what providers write often lacks it, and more is said after it. */
export function asSentence(text: string): string {
  return /[.!?…:]$/.test(text) ? text : `${text}.`;
}
