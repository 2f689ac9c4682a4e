import { classes } from '@/lib/classes';

export interface Choice<T extends string> {
  value: T;
  name: string;
  text: string;
  isDisabled?: boolean;
}

export interface ChoiceFieldProps<T extends string> {
  /** Read out before the choices. */
  legend: string;
  /** Of the radio buttons. */
  name: string;
  value: string;
  choices: Choice<T>[];
  onChange: (value: T) => void;
}

/** One of a few, each with a sentence about it. */
export function ChoiceField<T extends string>(props: ChoiceFieldProps<T>) {
  const { legend, name, value, choices, onChange } = props;
  return (
    <fieldset className="grid gap-2 sm:grid-cols-2">
      <legend className="sr-only">{legend}</legend>
      {choices.map((choice) => (
        <label
          key={choice.value}
          className={classes(
            'flex cursor-pointer gap-3 rounded-lg border px-3 py-2 has-focus-visible:outline-2 has-focus-visible:outline-accent has-disabled:cursor-not-allowed',
            choice.value === value ? 'border-accent bg-accent-soft' : 'border-line bg-surface',
          )}
        >
          <input
            type="radio"
            name={name}
            className="mt-1 accent-accent"
            checked={choice.value === value}
            disabled={choice.isDisabled}
            onChange={() => onChange(choice.value)}
          />
          <span>
            <span className="block font-medium">{choice.name}</span>
            <span className="block text-xs text-ink-2">{choice.text}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
