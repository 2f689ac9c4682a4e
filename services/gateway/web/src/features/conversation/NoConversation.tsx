import { MessagesSquare } from 'lucide-react';

import { EmptyState } from '@/components/Notice';

/** What stands beside the list until a conversation is chosen. */
export function NoConversation() {
  return (
    <div className="flex-1">
      <EmptyState icon={<MessagesSquare aria-hidden />} title="Choose a conversation">
        Move through the list with <Key>j</Key> and <Key>k</Key>, open with <Key>Enter</Key>.
      </EmptyState>
    </div>
  );
}

function Key({ children }: { children: string }) {
  return (
    <kbd className="rounded border border-line-strong bg-surface px-1.5 font-sans text-xs text-ink-2">
      {children}
    </kbd>
  );
}
