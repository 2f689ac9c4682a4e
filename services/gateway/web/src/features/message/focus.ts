/** Puts the cursor where one answers, once what was just changed is shown. */
export function focusComposer(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-composer]')?.focus());
}
