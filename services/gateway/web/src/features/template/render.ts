import type { Template } from '@/api/template';

/** A piece of a template: text, or a gap with its value if it has one. */
export interface TemplatePiece {
  text: string;
  gap?: string;
}

const gap = /\{\{\s*([^{}]+?)\s*\}\}/g;

/** Cuts the text of a template at its gaps, and fills those that have a value. */
export function fill(body: string, values: Record<string, string>): TemplatePiece[] {
  const pieces: TemplatePiece[] = [];
  let end = 0;
  for (const match of body.matchAll(gap)) {
    const name = match[1] ?? '';
    if (match.index > end) pieces.push({ text: body.slice(end, match.index) });
    const value = (values[name] ?? '').trim();
    pieces.push({ text: value || match[0], gap: name });
    end = match.index + match[0].length;
  }
  if (end < body.length) pieces.push({ text: body.slice(end) });
  return pieces;
}

/** The text a template makes of the values. */
export function render(template: Template, values: Record<string, string>): string {
  return fill(template.body, values)
    .map((piece) => piece.text)
    .join('');
}

/** The gaps that have no value yet. */
export function missing(template: Template, values: Record<string, string>): string[] {
  return template.parameters.map((p) => p.name).filter((name) => !values[name]?.trim());
}
