export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const storageKey = 'conversations.theme';

/** The theme chosen on this device. */
export function readTheme(): Theme {
  const stored = localStorage.getItem(storageKey);
  return themes.find((t) => t === stored) ?? 'system';
}

/** Chooses a theme and shows it. */
export function chooseTheme(theme: Theme): void {
  localStorage.setItem(storageKey, theme);
  applyTheme(theme);
}

/** Shows a theme; "system" follows the device. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
