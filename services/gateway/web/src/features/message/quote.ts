/** The new part of a mail, and the old mail below it. */
export interface QuotedText {
  text: string;
  quoted: string;
}

/** Parts what was written from the mail it answers: quoted lines at the end, and the line that introduces them. */
export function splitQuote(body: string): QuotedText {
  const lines = body.trimEnd().split('\n');
  let start = lines.length;
  while (start > 0 && isQuoteOrEmpty(lines[start - 1] ?? '')) start -= 1;
  if (!lines.slice(start).some((line) => line.startsWith('>'))) return { text: body, quoted: '' };
  const introduction = lines[start - 1] ?? '';
  if (/:\s*$/.test(introduction) && introduction.length < 200) start -= 1;
  const text = lines.slice(0, start).join('\n').trimEnd();
  // A mail of quotes alone is shown whole.
  return text === '' ? { text: body, quoted: '' } : { text, quoted: lines.slice(start).join('\n') };
}

function isQuoteOrEmpty(line: string): boolean {
  return line.trim() === '' || line.startsWith('>');
}
