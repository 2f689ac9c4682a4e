import { ChoiceField } from '@/components/ChoiceField';

export interface AccountModeFieldProps {
  value: string;
  /** Whether the installation keeps accounts of workspaces, and a provider serves the channel. */
  isOwnPossible: boolean;
  onChange: (mode: 'platform' | 'byoc') => void;
}

/** The platform's account or the workspace's own. */
export function AccountModeField({ value, isOwnPossible, onChange }: AccountModeFieldProps) {
  return (
    <ChoiceField
      legend="Whose account"
      name="mode"
      value={value}
      onChange={onChange}
      choices={[
        {
          value: 'platform',
          name: "The platform's account",
          text: 'Works at once. You pay by use.',
        },
        {
          value: 'byoc',
          name: 'Your own account',
          text: isOwnPossible
            ? 'At a provider of yours, who sends you the bill.'
            : 'This installation keeps no accounts of workspaces.',
          isDisabled: !isOwnPossible,
        },
      ]}
    />
  );
}
