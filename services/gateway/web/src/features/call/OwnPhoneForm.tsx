import { type SubmitEvent, useState } from 'react';

import type { CallSettings } from '@/api/call';
import { sentenceOf } from '@/api/problem';
import { Button } from '@/components/Button';
import { Field } from '@/components/Field';
import { FormError } from '@/components/Notice';
import { bareNumber, isPhone } from '@/lib/address';

import { useSetCallSettings } from './useSetCallSettings';

export interface OwnPhoneFormProps {
  user: { id: string };
  settings: CallSettings;
  text: string;
  onCancel: () => void;
}

/** Asks for the number at which one is rung. */
export function OwnPhoneForm({ user, settings, text, onCancel }: OwnPhoneFormProps) {
  const [phone, setPhone] = useState('');
  const [tried, setTried] = useState(false);
  const save = useSetCallSettings();
  const number = bareNumber(phone);

  function submit(event: SubmitEvent) {
    event.preventDefault();
    setTried(true);
    if (!isPhone(number)) return;
    const others = settings.agents.filter((a) => a.userId !== user.id);
    const agents = [...others, { userId: user.id, phone: number }];
    save.mutate({ ...settings, agents });
  }

  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-4">
      {save.isError && <FormError>{sentenceOf(save.error)}</FormError>}
      <p className="text-ink-2">{text}</p>
      <Field
        label="Your phone"
        type="tel"
        autoComplete="tel"
        autoFocus
        placeholder="+1 415 555 0123"
        hint="It can be changed in the settings for calls. Customers see the number of your workspace."
        error={
          tried && !isPhone(number)
            ? 'Enter an international number like +1 415 555 0123.'
            : undefined
        }
        value={phone}
        onChange={(e) => setPhone(e.target.value)}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" kind="primary" busy={save.isPending}>
          Save and go on
        </Button>
      </div>
    </form>
  );
}
