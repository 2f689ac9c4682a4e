import type { Call, CallState } from '@/api/call';
import type { Direction, MessageStatus } from '@/api/message';
import { hasFailed } from '@/features/message/status';
import { clockDuration } from '@/lib/duration';

/** The shapes a call entry has. */
export type CallShape = 'ringing' | 'talking' | 'in' | 'out' | 'missed' | 'voicemail' | 'failed';

/** How a call is drawn and called. Shape and words both tell it; colour only helps. */
export interface CallLook {
  shape: CallShape;
  title: string;
  isLive: boolean;
  /** Nobody of ours talked to a customer who called. */
  isMissed: boolean;
}

const inbound: Record<CallState, [CallShape, string]> = {
  ringing: ['ringing', 'Incoming call, ringing'],
  in_progress: ['talking', 'Incoming call, in progress'],
  completed: ['in', 'Incoming call'],
  voicemail: ['voicemail', 'Voicemail'],
  busy: ['missed', 'Missed call'],
  no_answer: ['missed', 'Missed call'],
  canceled: ['missed', 'Missed call'],
  failed: ['failed', 'Incoming call failed'],
};

const outbound: Record<CallState, [CallShape, string]> = {
  ringing: ['ringing', 'Calling'],
  in_progress: ['talking', 'Outgoing call, in progress'],
  completed: ['out', 'Outgoing call'],
  voicemail: ['voicemail', 'Outgoing call, voicemail'],
  busy: ['failed', 'Outgoing call, busy'],
  no_answer: ['failed', 'Outgoing call, no answer'],
  canceled: ['failed', 'Outgoing call, canceled'],
  failed: ['failed', 'Outgoing call failed'],
};

/** How a call is drawn and called. */
export function lookOf(call: Call, direction: Direction, status?: MessageStatus): CallLook {
  // Where the call was refused no phone ever rang, and no news of the call comes.
  if (call.state === 'ringing' && status && hasFailed(status)) {
    return { shape: 'failed', title: 'Call not placed', isLive: false, isMissed: false };
  }
  const [shape, title] = (direction === 'inbound' ? inbound : outbound)[call.state];
  const isLive = call.state === 'ringing' || call.state === 'in_progress';
  const isMissed = direction === 'inbound' && (shape === 'missed' || shape === 'voicemail');
  return { shape, title, isLive, isMissed };
}

/** "Missed call", "Voicemail, 0:12", "Outgoing call, 3:05": a call in the line of a list. */
export function callLine(call: Call, direction: Direction, status?: MessageStatus): string {
  const { title, isLive } = lookOf(call, direction, status);
  return call.seconds > 0 && !isLive ? `${title}, ${clockDuration(call.seconds)}` : title;
}
