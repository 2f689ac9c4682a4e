import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';

import type { AccountTested } from '@/api/ownAccount';
import { classes } from '@/lib/classes';

const looks = {
  good: { icon: CircleCheck, look: 'bg-accent-soft text-accent-ink' },
  unsure: { icon: TriangleAlert, look: 'bg-warn-soft text-warn' },
  bad: { icon: CircleAlert, look: 'bg-danger-soft text-danger' },
} as const;

const words: Record<AccountTested['verdict'], [keyof typeof looks, string]> = {
  ok: ['good', 'It works'],
  key_refused: ['bad', 'The key is refused'],
  not_allowed: ['unsure', 'The key is valid, and may not send'],
  sender_unverified: ['unsure', 'The key is valid, the sender is not verified'],
  no_answer: ['unsure', 'No answer from the provider'],
};

/** What the provider said of an account: the key, the sender and the webhook told apart. */
export function TestNote({ tested }: { tested: AccountTested }) {
  const [kind, title] = words[tested.verdict];
  const { icon: Icon, look } = looks[kind];
  return (
    <div role="status" className={classes('flex gap-2 rounded-md px-3 py-2', look)}>
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div>
        <p className="font-medium">{title}</p>
        <p>{tested.detail}</p>
        {tested.keyValid && !tested.canReceive && (
          <p>Messages from customers do not arrive yet: enter the webhook address there.</p>
        )}
      </div>
    </div>
  );
}
