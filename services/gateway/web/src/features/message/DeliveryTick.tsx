import { Check, CheckCheck, CircleAlert, CircleHelp, Clock3, type LucideIcon } from 'lucide-react';

import type { MessageStatus } from '@/api/message';
import { classes } from '@/lib/classes';

import { tickOf, type TickShape } from './status';

const icons: Record<Exclude<TickShape, 'none'>, LucideIcon> = {
  clock: Clock3,
  one: Check,
  two: CheckCheck,
  'two-read': CheckCheck,
  failed: CircleAlert,
  question: CircleHelp,
};

const colours: Partial<Record<TickShape, string>> = {
  'two-read': 'text-read',
  failed: 'text-danger',
  question: 'text-warn',
};

/** What became of a message: a shape and a word. */
export function DeliveryTick({ status }: { status: MessageStatus }) {
  const { shape, word } = tickOf(status);
  if (shape === 'none') return null;
  const Icon = icons[shape];
  return (
    <span
      role="img"
      aria-label={word}
      className={classes('inline-flex items-center gap-1', colours[shape])}
    >
      <Icon aria-hidden className="size-3.5" data-shape={shape} />
      <span aria-hidden>{word}</span>
    </span>
  );
}
