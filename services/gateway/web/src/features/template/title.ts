import type { Template } from '@/api/template';

/** What to call a template: providers name them like_this. */
export function titleOf({ id, title }: Pick<Template, 'id' | 'title'>): string {
  const name = title || id;
  if (!/^[a-z0-9_]+$/.test(name)) return name;
  const words = name.replace(/_+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
