import {
  type LucideIcon,
  Phone,
  PhoneCall,
  PhoneIncoming,
  PhoneMissed,
  PhoneOff,
  PhoneOutgoing,
  Voicemail,
} from 'lucide-react';

import type { Call, CallState } from '@/api/call';
import { attachmentUrl } from '@/api/attachment';
import type { Failure, Message } from '@/api/message';
import { AudioPlayer } from '@/features/file/AudioPlayer';
import { RemedyAction } from '@/features/message/RemedyAction';
import { hasFailed } from '@/features/message/status';
import { classes } from '@/lib/classes';
import { clockDuration } from '@/lib/duration';
import { asSentence } from '@/lib/sentence';
import { useNow } from '@/lib/useNow';

import { CallButton } from './CallButton';
import { useAgentName } from './useCall';
import { type CallLook, type CallShape, lookOf } from './words';

const icons: Record<CallShape, LucideIcon> = {
  ringing: PhoneCall,
  talking: Phone,
  in: PhoneIncoming,
  out: PhoneOutgoing,
  missed: PhoneMissed,
  voicemail: Voicemail,
  failed: PhoneOff,
};

export interface CallEntryProps {
  message: Message;
  call: Call;
  /** The customer's name; empty when unknown. */
  name: string;
}

/** A call: its direction, who talked, how it went, and what was kept of it. */
export function CallEntry({ message, call, name }: CallEntryProps) {
  const look = lookOf(call, message.direction, message.status);
  const failure = hasFailed(message.status) ? message.error : undefined;
  const customer = message.direction === 'inbound' ? message.from : message.to;
  return (
    <article
      aria-label={look.title}
      className={classes(
        'flex w-full max-w-[420px] flex-col gap-3 rounded-lg border px-4 py-3',
        look.isLive ? 'border-accent bg-accent-soft' : 'border-line bg-raised',
      )}
    >
      <div className="flex items-center gap-3">
        <CallIcon look={look} />
        <div className="min-w-0 flex-1">
          <p className={classes('font-medium', look.shape === 'missed' && 'text-danger')}>
            {look.title}
          </p>
          <CallFacts call={call} look={look} />
        </div>
        {(look.isMissed || look.shape === 'failed') && (
          <CallButton
            address={customer}
            name={name}
            label={message.direction === 'inbound' ? 'Call back' : 'Call again'}
          />
        )}
      </div>
      {failure && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <CallFailure failure={failure} state={call.state} />
          <RemedyAction message={message} />
        </div>
      )}
      {call.recording && (
        <AudioPlayer
          src={attachmentUrl(message.id, call.recording.id)}
          label={look.shape === 'voicemail' ? 'Voicemail' : 'Recording'}
          seconds={call.seconds}
          missingReason={call.recording.missingReason}
        />
      )}
      {call.transcript && (
        <details>
          <summary className="w-max text-xs text-ink-2 hover:text-ink">Transcript</summary>
          <p dir="auto" className="mt-1 break-words whitespace-pre-wrap">
            {call.transcript}
          </p>
        </details>
      )}
    </article>
  );
}

function CallIcon({ look }: { look: CallLook }) {
  const Icon = icons[look.shape];
  const isBad = look.shape === 'missed' || look.shape === 'failed';
  return (
    <span
      className={classes(
        'inline-flex size-9 shrink-0 items-center justify-center rounded-full',
        look.isLive && 'bg-accent text-on-accent',
        look.isLive && look.shape === 'ringing' && 'animate-pulse',
        isBad && 'bg-danger-soft text-danger',
        !look.isLive && !isBad && 'bg-sunken text-ink-2',
      )}
    >
      <Icon aria-hidden data-shape={look.shape} className="size-4" />
    </span>
  );
}

// Why nobody talked, and what one can do about it. A code that only repeats how the call ended tells nothing.
function CallFailure({ failure, state }: { failure: Failure; state: CallState }) {
  const { message, remedy, providerCode } = failure;
  const isCode = providerCode !== '' && providerCode.replace('-', '_') !== state;
  return (
    <div className="min-w-0 flex-1 basis-48">
      <p className="text-danger">{asSentence(message)}</p>
      {remedy && <p className="text-ink-2">{remedy}</p>}
      {isCode && <p className="text-xs text-ink-3">Provider code {providerCode}</p>}
    </div>
  );
}

function CallFacts({ call, look }: { call: Call; look: CallLook }) {
  const agent = useAgentName(call.agentId);
  const isTalking = look.shape === 'talking';
  const now = useNow(isTalking ? 1000 : 0);
  const since = call.answeredAt ?? call.startedAt;
  const seconds =
    isTalking && since ? Math.max(0, now.getTime() - since.getTime()) / 1000 : call.seconds;
  const facts = [
    agent,
    (isTalking || (seconds > 0 && !look.isLive)) && clockDuration(seconds),
  ].filter(Boolean);
  return <p className="text-ink-2 tabular-nums">{facts.join(' · ') || waitingWords(look)}</p>;
}

function waitingWords(look: CallLook): string {
  if (look.shape === 'ringing') return 'Nobody has picked up yet';
  return look.isMissed ? 'Nobody picked up' : 'Nobody talked';
}
