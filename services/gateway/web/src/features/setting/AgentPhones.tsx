import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';

import type { CallAgent } from '@/api/call';
import { Button, IconButton } from '@/components/Button';
import { inputLook } from '@/components/Field';
import { agentName } from '@/features/call/agent';
import { bareNumber, isPhone } from '@/lib/address';
import { classes } from '@/lib/classes';

export interface AgentPhonesProps {
  agents: CallAgent[];
  user: { id: string; name: string } | undefined;
  /** Owners and admins change every phone, others their own. */
  canManage: boolean;
  onChange: (agents: CallAgent[]) => void;
}

/** The phones that ring when a customer calls. */
export function AgentPhones({ agents, user, canManage, onChange }: AgentPhonesProps) {
  const hasOwn = agents.some((a) => a.userId === user?.id);

  function swap(i: number, j: number) {
    const [a, b] = [agents[i], agents[j]];
    if (a && b) onChange(agents.with(i, b).with(j, a));
  }

  return (
    <div className="flex flex-col items-start gap-3">
      {agents.length === 0 ? (
        <p className="text-ink-3">
          No phone rings yet: a customer who calls is taken to the voicemail.
        </p>
      ) : (
        <ol
          aria-label="Phones"
          className="w-full divide-y divide-line rounded-lg border border-line bg-surface"
        >
          {agents.map((agent, i) => (
            <PhoneLine
              key={agent.userId}
              agent={agent}
              isOwn={agent.userId === user?.id}
              canChange={canManage || agent.userId === user?.id}
              onPhone={(phone) => onChange(agents.with(i, { ...agent, phone }))}
              onRemove={() => onChange(agents.filter((a) => a !== agent))}
              onUp={canManage && i > 0 ? () => swap(i, i - 1) : undefined}
              onDown={canManage && i < agents.length - 1 ? () => swap(i, i + 1) : undefined}
            />
          ))}
        </ol>
      )}
      {user && !hasOwn && (
        <Button
          onClick={() => onChange([...agents, { userId: user.id, name: user.name, phone: '' }])}
        >
          <Plus aria-hidden className="size-4" />
          Add my phone
        </Button>
      )}
    </div>
  );
}

interface PhoneLineProps {
  agent: CallAgent;
  isOwn: boolean;
  canChange: boolean;
  onPhone: (phone: string) => void;
  onRemove: () => void;
  onUp?: () => void;
  onDown?: () => void;
}

function PhoneLine(props: PhoneLineProps) {
  const { agent, isOwn, canChange, onPhone, onRemove, onUp, onDown } = props;
  const name = agentName(agent);
  const isWrong = agent.phone !== '' && !isPhone(bareNumber(agent.phone));
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2">
      <span className="min-w-24 flex-1 truncate font-medium">
        {name}
        {isOwn && <span className="font-normal text-ink-3"> (you)</span>}
      </span>
      <div className="order-last w-full sm:order-none sm:w-48">
        <input
          type="tel"
          aria-label={`Phone of ${name}`}
          aria-invalid={isWrong || undefined}
          placeholder="+1 415 555 0123"
          disabled={!canChange}
          autoFocus={isOwn && agent.phone === ''}
          value={agent.phone}
          onChange={(e) => onPhone(e.target.value)}
          className={classes(inputLook, 'h-8 tabular-nums')}
        />
        {isWrong && <p className="text-xs text-danger">Write it like +1 415 555 0123.</p>}
      </div>
      <div className="flex">
        <IconButton label={`Move ${name} up`} disabled={!onUp} onClick={onUp}>
          <ArrowUp aria-hidden className="size-4" />
        </IconButton>
        <IconButton label={`Move ${name} down`} disabled={!onDown} onClick={onDown}>
          <ArrowDown aria-hidden className="size-4" />
        </IconButton>
        <IconButton label={`Remove ${name}`} disabled={!canChange} onClick={onRemove}>
          <X aria-hidden className="size-4" />
        </IconButton>
      </div>
    </li>
  );
}
