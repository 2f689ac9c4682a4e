import { type InputHTMLAttributes, useId } from 'react';

import { classes } from '@/lib/classes';

export interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: string;
  error?: string;
}

/** The look of everything one can type into. */
export const inputLook =
  'w-full rounded-md border border-line-strong bg-surface px-3 py-1.5 text-ink placeholder:text-ink-3 aria-invalid:border-danger';

/** A labelled input. Its hint is read out with it, and gives way to what is wrong. */
export function Field({ label, hint, error, className, ...rest }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={classes('flex flex-col gap-1', className)}>
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <input
        id={id}
        {...rest}
        aria-invalid={error ? true : undefined}
        aria-describedby={note ? `${id}-note` : undefined}
        className={inputLook}
      />
      {note && (
        <p
          id={`${id}-note`}
          className={classes('text-xs text-pretty', error ? 'text-danger' : 'text-ink-3')}
        >
          {note}
        </p>
      )}
    </div>
  );
}
