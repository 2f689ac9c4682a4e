import { Phone } from 'lucide-react';
import { type SubmitEvent, useId, useState } from 'react';

import type { CallAgent } from '@/api/call';
import { sentenceOf } from '@/api/problem';
import { Button } from '@/components/Button';
import { inputLook } from '@/components/Field';
import { ErrorState, FormError } from '@/components/Notice';
import { Skeleton } from '@/components/Skeleton';
import { isPhone, readableAddress } from '@/lib/address';

import { agentName } from './agent';
import { OwnPhoneForm } from './OwnPhoneForm';
import { useCall, useCallSettings, useMe } from './useCall';

export interface CallFormProps {
  address: string;
  name: string;
  onDone: () => void;
}

/** Says what a call does before it is placed: whose phone rings, then the customer's. */
export function CallForm({ address, name, onDone }: CallFormProps) {
  const settings = useCallSettings();
  const me = useMe();
  if (settings.isPending || !me) return <Skeleton className="h-24" />;
  if (settings.isError) {
    return <ErrorState error={settings.error} onRetry={() => void settings.refetch()} />;
  }
  const agents = settings.data.agents.filter((a) => a.phone !== '');
  const mine = agents.find((a) => a.userId === me.user?.id);
  if (!mine && me.user) {
    return (
      <OwnPhoneForm
        user={me.user}
        settings={settings.data}
        text="A call rings your phone first, and then connects you. Which number is yours?"
        onCancel={onDone}
      />
    );
  }
  return (
    <PlaceCall
      address={address}
      name={name}
      agents={agents}
      mine={mine?.userId}
      records={settings.data.record}
      onDone={onDone}
    />
  );
}

interface PlaceCallProps extends CallFormProps {
  agents: CallAgent[];
  mine: string | undefined;
  records: boolean;
}

function PlaceCall({ address, name, agents, mine, records, onDone }: PlaceCallProps) {
  const [agentId, setAgentId] = useState(mine ?? agents[0]?.userId ?? '');
  const call = useCall(address, onDone);
  const id = useId();
  const agent = agents.find((a) => a.userId === agentId);

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (agent) call.mutate(agent.userId);
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {call.isError && <FormError>{sentenceOf(call.error)}</FormError>}
      <div className="flex flex-col gap-1">
        <label htmlFor={id} className="font-medium">
          Phone that rings first
        </label>
        <select
          id={id}
          value={agentId}
          onChange={(e) => setAgentId(e.target.value)}
          className={inputLook}
        >
          {agents.map((a) => (
            <option key={a.userId} value={a.userId}>
              {a.userId === mine ? 'Mine' : agentName(a)} · {readableAddress(a.phone)}
            </option>
          ))}
        </select>
      </div>
      <p className="text-ink-2">
        When it is picked up, {name || readableAddress(address) || 'the customer'} is called
        {name ? ` at ${readableAddress(address)}` : ''}. {records ? 'The call is recorded.' : ''}
      </p>
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button
          type="submit"
          kind="primary"
          busy={call.isPending}
          disabled={!agent || !isPhone(address)}
        >
          <Phone aria-hidden className="size-4" />
          Call
        </Button>
      </div>
    </form>
  );
}
