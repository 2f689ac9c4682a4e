/** A piece of text, and where it leads if it is a link. */
export interface TextPiece {
  text: string;
  href?: string;
}

const link = /\b(?:https?:\/\/|www\.)[^\s<>"']+/gi;

/**
 * Cuts text at its web links. Only http and https ever become links, and punctuation at the end of a sentence
 * is not part of one.
 */
export function splitLinks(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(link)) {
    const shown = trimPunctuation(match[0]);
    const href = safeHref(shown);
    if (!href) continue;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    pieces.push({ text: shown, href });
    end = match.index + shown.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

function trimPunctuation(found: string): string {
  let shown = found.replace(/[.,;:!?…]+$/, '');
  // "(see https://example.com)" closes a bracket that the link did not open.
  while (shown.endsWith(')') && !shown.includes('(')) shown = shown.slice(0, -1);
  return shown;
}

function safeHref(shown: string): string | undefined {
  const text = /^www\./i.test(shown) ? `https://${shown}` : shown;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
}
