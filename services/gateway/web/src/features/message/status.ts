import type { MessageStatus } from '@/api/message';

/** The shapes a delivery tick has. */
export type TickShape = 'clock' | 'one' | 'two' | 'two-read' | 'failed' | 'question' | 'none';

/** How a status is drawn and called. Shape and word both tell it; colour only helps. */
export interface Tick {
  shape: TickShape;
  word: string;
}

const ticks: Record<MessageStatus, Tick> = {
  scheduled: { shape: 'clock', word: 'Scheduled' },
  queued: { shape: 'clock', word: 'Queued' },
  sending: { shape: 'clock', word: 'Sending' },
  unknown: { shape: 'question', word: 'Checking with the provider' },
  sent: { shape: 'one', word: 'Sent' },
  delivered: { shape: 'two', word: 'Delivered' },
  opened: { shape: 'two-read', word: 'Opened' },
  read: { shape: 'two-read', word: 'Read' },
  clicked: { shape: 'two-read', word: 'Clicked' },
  undelivered: { shape: 'failed', word: 'Not delivered' },
  failed: { shape: 'failed', word: 'Failed' },
  bounced: { shape: 'failed', word: 'Bounced' },
  complained: { shape: 'failed', word: 'Marked as spam' },
  blocked: { shape: 'failed', word: 'Blocked' },
  canceled: { shape: 'failed', word: 'Canceled' },
  expired: { shape: 'failed', word: 'Expired' },
  received: { shape: 'none', word: 'Received' },
};

/** The tick of a status. */
export function tickOf(status: MessageStatus): Tick {
  return ticks[status];
}

/** True when the message did not reach the customer, or reached one who did not want it. */
export function hasFailed(status: MessageStatus): boolean {
  return ticks[status].shape === 'failed';
}
