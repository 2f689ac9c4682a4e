import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useSyncExternalStore,
} from 'react';

import type { Draft } from './draft';
import type { Drafts } from './drafts';

const DraftsContext = createContext<Drafts | undefined>(undefined);

/** Hands the drafts to the page. */
export function DraftsProvider(props: { drafts: Drafts; children: ReactNode }) {
  return <DraftsContext value={props.drafts}>{props.children}</DraftsContext>;
}

/** The drafts of the page. */
export function useDrafts(): Drafts {
  const drafts = useContext(DraftsContext);
  if (!drafts) throw new Error('useDrafts needs a DraftsProvider around it');
  return drafts;
}

/** What is being written in one conversation, and how to change it. */
export function useDraft(of: string): [Draft, (patch: Partial<Draft>) => void] {
  const drafts = useDrafts();
  const draft = useSyncExternalStore(drafts.subscribe, () => drafts.read(of));
  const change = useCallback(
    (patch: Partial<Draft>) => drafts.change(of, (held) => ({ ...held, ...patch })),
    [drafts, of],
  );
  return [draft, change];
}
