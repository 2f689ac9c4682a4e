import type { CallSettings } from '@/api/call';
import { classes } from '@/lib/classes';

const modes = [
  { value: 'parallel', name: 'All at once', text: 'Whoever picks up first has the call.' },
  { value: 'in_turn', name: 'One after the other', text: 'In the order of the list above.' },
] as const;

export interface RingModeFieldProps {
  value: CallSettings['ringMode'];
  onChange: (mode: CallSettings['ringMode']) => void;
}

/** Whether the phones ring together or one after the other. */
export function RingModeField({ value, onChange }: RingModeFieldProps) {
  return (
    <fieldset className="grid gap-2 sm:grid-cols-2">
      <legend className="sr-only">How the phones ring</legend>
      {modes.map((mode) => (
        <label
          key={mode.value}
          className={classes(
            'flex cursor-pointer gap-3 rounded-lg border px-3 py-2 has-focus-visible:outline-2 has-focus-visible:outline-accent',
            mode.value === value ? 'border-accent bg-accent-soft' : 'border-line bg-surface',
          )}
        >
          <input
            type="radio"
            name="ringMode"
            className="mt-1 accent-accent"
            checked={mode.value === value}
            onChange={() => onChange(mode.value)}
          />
          <span>
            <span className="block font-medium">{mode.name}</span>
            <span className="block text-xs text-ink-2">{mode.text}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
