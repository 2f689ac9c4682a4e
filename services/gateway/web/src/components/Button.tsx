import type { ButtonHTMLAttributes } from 'react';

import { classes } from '@/lib/classes';

import { Spinner } from './Spinner';

type Kind = 'primary' | 'secondary' | 'ghost' | 'danger';

const kinds: Record<Kind, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  secondary: 'border border-line-strong bg-surface text-ink hover:bg-hover',
  ghost: 'text-ink-2 hover:bg-sunken hover:text-ink',
  danger: 'border border-danger text-danger hover:bg-danger-soft',
};

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: Kind;
  /** Shows that the press is being acted upon; the button takes no other meanwhile. */
  busy?: boolean;
}

/** The one button of the page. */
export function Button({ kind = 'secondary', busy = false, className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || busy}
      aria-busy={busy}
      className={classes(
        'inline-flex h-8 shrink-0 items-center justify-center gap-2 rounded-md px-3 font-medium whitespace-nowrap transition-colors',
        'disabled:opacity-50',
        kinds[kind],
        className,
      )}
    >
      {busy && <Spinner />}
      {rest.children}
    </button>
  );
}

export interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** What the button does: its accessible name and its tooltip. */
  label: string;
}

/** A square button with an icon and a name. */
export function IconButton({ label, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={classes(
        'inline-flex size-8 shrink-0 items-center justify-center rounded-md text-ink-2 transition-colors hover:bg-sunken hover:text-ink disabled:opacity-50',
        className,
      )}
    />
  );
}
