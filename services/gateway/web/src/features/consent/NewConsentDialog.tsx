import { type SubmitEvent, useState } from 'react';

import { ProblemError, sentenceOf } from '@/api/problem';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import { Field, inputLook } from '@/components/Field';
import { FormError } from '@/components/Notice';
import { useToast } from '@/components/Toast';
import { recipientProblem } from '@/features/message/newMessage';
import { bareNumber } from '@/lib/address';
import { channelNames } from '@/lib/channel';

import { consentChannels } from './search';
import { useSetConsent } from './useSetConsent';

/** Stops messages to an address that has no conversation yet, or was told about elsewhere. */
export function NewConsentDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog
      title="Stop an address"
      description="No message goes there until somebody allows it again."
      open={open}
      onClose={onClose}
    >
      <NewConsentForm onClose={onClose} />
    </Dialog>
  );
}

function NewConsentForm({ onClose }: { onClose: () => void }) {
  const [channel, setChannel] = useState<(typeof consentChannels)[number]>('sms');
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const set = useSetConsent();
  const toast = useToast();
  const address = channel === 'email' ? typed.trim() : bareNumber(typed);
  const problem = recipientProblem({ channel, to: address });
  const refusal = set.error instanceof ProblemError ? set.error.field('address') : undefined;

  function submit(event: SubmitEvent) {
    event.preventDefault();
    setTried(true);
    if (problem || reason.trim() === '') return;
    const change = { channel, address, state: 'opted_out', reason: reason.trim() } as const;
    set.mutate(change, {
      onSuccess: () => {
        toast('Messages are stopped');
        onClose();
      },
    });
  }

  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-4">
      {set.isError && <FormError>{sentenceOf(set.error)}</FormError>}
      <label className="flex flex-col gap-1">
        <span className="font-medium">Channel</span>
        <select
          value={channel}
          onChange={(e) => setChannel(consentChannels.find((c) => c === e.target.value) ?? 'sms')}
          className={inputLook}
        >
          {consentChannels.map((c) => (
            <option key={c} value={c}>
              {channelNames[c]}
            </option>
          ))}
        </select>
      </label>
      <Field
        label="Address"
        autoFocus
        placeholder={channel === 'email' ? 'name@example.com' : '+1 415 555 0123'}
        value={typed}
        onChange={(e) => setTyped(e.target.value)}
        error={(tried ? problem : undefined) ?? refusal}
      />
      <Field
        label="Reason"
        maxLength={500}
        placeholder="Asked on the phone to stop"
        value={reason}
        onChange={(e) => setReason(e.target.value)}
        error={tried && reason.trim() === '' ? 'Say why, for your colleagues.' : undefined}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="danger" busy={set.isPending}>
          Stop messages
        </Button>
      </div>
    </form>
  );
}
