import { createContext, type ReactNode, useContext, useMemo, useSyncExternalStore } from 'react';

import type { Outbox, OutboxEntry } from './outbox';

const OutboxContext = createContext<Outbox | undefined>(undefined);

/** Hands the outbox to the page. */
export function OutboxProvider(props: { outbox: Outbox; children: ReactNode }) {
  return <OutboxContext value={props.outbox}>{props.children}</OutboxContext>;
}

/** The outbox of the page. */
export function useOutbox(): Outbox {
  const outbox = useContext(OutboxContext);
  if (!outbox) throw new Error('useOutbox needs an OutboxProvider around it');
  return outbox;
}

/** What is on its way in one conversation. */
export function useOutboxEntries(conversationId: string): readonly OutboxEntry[] {
  const outbox = useOutbox();
  const entries = useSyncExternalStore(outbox.subscribe, outbox.entries);
  return useMemo(
    () =>
      entries.filter(
        (e) => (e.message.conversationId ?? e.accepted?.conversationId) === conversationId,
      ),
    [entries, conversationId],
  );
}
