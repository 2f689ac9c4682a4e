import { useEffect, useState } from 'react';

/** What is being written in one conversation. */
export interface Draft {
  /** Left out until somebody changes it. */
  subject?: string;
  body: string;
}

const prefix = 'conversations.draft.';
const empty: Draft = { body: '' };

/**
 * Keeps the draft of one conversation on this device. The component that calls it is keyed by the conversation, so
 * that a text never turns up in another one.
 */
export function useDraft(conversationId: string): [Draft, (draft: Draft) => void] {
  const [draft, setDraft] = useState(() => readDraft(conversationId));
  useEffect(() => {
    const timer = setTimeout(() => writeDraft(conversationId, draft), 300);
    return () => {
      clearTimeout(timer);
      writeDraft(conversationId, draft);
    };
  }, [conversationId, draft]);
  return [draft, setDraft];
}

/** Forgets every draft, when the user logs out. */
export function forgetDrafts(): void {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(prefix)) localStorage.removeItem(key);
  }
}

function readDraft(conversationId: string): Draft {
  try {
    const stored = JSON.parse(
      localStorage.getItem(prefix + conversationId) ?? '{}',
    ) as Partial<Draft>;
    return { ...empty, ...stored };
  } catch {
    return empty;
  }
}

function writeDraft(conversationId: string, draft: Draft): void {
  if (draft.body === '' && !draft.subject) localStorage.removeItem(prefix + conversationId);
  else localStorage.setItem(prefix + conversationId, JSON.stringify(draft));
}
