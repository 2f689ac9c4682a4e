import type { CallSettings } from '@/api/call';
import { type Choice, ChoiceField } from '@/components/ChoiceField';

const modes: Choice<CallSettings['ringMode']>[] = [
  { value: 'parallel', name: 'All at once', text: 'Whoever picks up first has the call.' },
  { value: 'in_turn', name: 'One after the other', text: 'In the order of the list above.' },
];

export interface RingModeFieldProps {
  value: CallSettings['ringMode'];
  onChange: (mode: CallSettings['ringMode']) => void;
}

/** Whether the phones ring together or one after the other. */
export function RingModeField({ value, onChange }: RingModeFieldProps) {
  return (
    <ChoiceField
      legend="How the phones ring"
      name="ringMode"
      value={value}
      choices={modes}
      onChange={onChange}
    />
  );
}
