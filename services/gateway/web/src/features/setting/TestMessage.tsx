import { useState } from 'react';

import { sentenceOf } from '@/api/problem';
import type { ChannelSetting } from '@/api/setting';
import { Button } from '@/components/Button';
import { Field } from '@/components/Field';
import { FormError } from '@/components/Notice';
import { useNewMessage } from '@/features/message/useNewMessage';

export interface TestMessageProps {
  channel: ChannelSetting['channel'];
  onSent: () => void;
}

/** Sends oneself a message by the account that is saved, and opens it, so that one sees it arrive. */
export function TestMessage({ channel, onSent }: TestMessageProps) {
  const [to, setTo] = useState('');
  const send = useNewMessage(onSent);
  const isMail = channel === 'email';
  const body = 'This is a test: what you send by this account arrives.';
  return (
    <div className="flex flex-col gap-2">
      {send.isError && <FormError>{sentenceOf(send.error)}</FormError>}
      <Field
        label="Send a test message to"
        type={isMail ? 'email' : 'tel'}
        placeholder={isMail ? 'you@example.com' : '+1 405 555 0199'}
        value={to}
        onChange={(e) => setTo(e.target.value)}
        hint="An address of your own. What becomes of the message is shown in its conversation."
      />
      <Button
        className="self-start"
        busy={send.isPending}
        disabled={to.trim() === ''}
        onClick={() =>
          send.mutate({
            message: { channel, to: to.trim(), body, ...(isMail && { subject: 'Test message' }) },
          })
        }
      >
        Send test message
      </Button>
    </div>
  );
}
