import { type TextareaHTMLAttributes, useId } from 'react';

import { classes } from '@/lib/classes';

import { inputLook } from './Field';

export interface TextFieldProps extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  label: string;
  hint?: string;
}

/** A labelled input of several lines. */
export function TextField({ label, hint, className, ...rest }: TextFieldProps) {
  const id = useId();
  return (
    <div className={classes('flex flex-col gap-1', className)}>
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <textarea
        id={id}
        rows={2}
        {...rest}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className={classes(inputLook, 'grow-with-text resize-y')}
      />
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-pretty text-ink-3">
          {hint}
        </p>
      )}
    </div>
  );
}
