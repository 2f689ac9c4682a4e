import { type SubmitEvent, useState } from 'react';

import type { ConsentState } from '@/api/consent';
import type { Conversation } from '@/api/conversation';
import { sentenceOf } from '@/api/problem';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import { Field } from '@/components/Field';
import { FormError } from '@/components/Notice';
import { useToast } from '@/components/Toast';
import { readableAddress } from '@/lib/address';
import { type Channel, channelNames } from '@/lib/channel';

import { useSetConsent } from './useSetConsent';

export interface ConsentDialogProps {
  channel: Channel;
  address: string;
  /** What is to hold from now on. */
  state: ConsentState;
  /** What the customer did, for one who lets messages through against it. */
  warning?: string;
  conversation?: Conversation;
  open: boolean;
  onClose: () => void;
}

/** Asks for the reason to stop messages or to let them through again; it stays with the address. */
export function ConsentDialog(props: ConsentDialogProps) {
  const { channel, address, state, open, onClose } = props;
  const allows = state === 'opted_in';
  const who = readableAddress(address);
  return (
    <Dialog
      title={allows ? 'Allow messages again?' : 'Stop messages?'}
      description={
        allows
          ? `${channelNames[channel]} messages to ${who} go out again.`
          : `No ${channelNames[channel]} message goes to ${who} until somebody allows it again.`
      }
      open={open}
      onClose={onClose}
    >
      <ConsentForm {...props} />
    </Dialog>
  );
}

function ConsentForm(props: ConsentDialogProps) {
  const { channel, address, state, warning, conversation, onClose } = props;
  const [reason, setReason] = useState('');
  const set = useSetConsent(conversation);
  const toast = useToast();
  const allows = state === 'opted_in';

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (reason.trim() === '') return;
    set.mutate(
      { channel, address, state, reason: reason.trim() },
      {
        onSuccess: () => {
          toast(allows ? 'Messages are allowed again' : 'Messages are stopped');
          onClose();
        },
      },
    );
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {set.isError && <FormError>{sentenceOf(set.error)}</FormError>}
      {warning && (
        <p className="rounded-md bg-warn-soft px-3 py-2 text-warn">
          {warning} Allow messages only if the customer has asked for them.
        </p>
      )}
      <Field
        label="Reason"
        autoFocus
        maxLength={500}
        placeholder={allows ? 'Asked on the phone to be written to' : 'Asked on the phone to stop'}
        hint="Your colleagues see it beside your name."
        value={reason}
        onChange={(e) => setReason(e.target.value)}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          kind={allows ? 'primary' : 'danger'}
          busy={set.isPending}
          disabled={reason.trim() === ''}
        >
          {allows ? 'Allow again' : 'Stop messages'}
        </Button>
      </div>
    </form>
  );
}
