import { Link, useParams, useSearch } from '@tanstack/react-router';
import { GitBranch } from 'lucide-react';

import type { Conversation } from '@/api/conversation';

/** Says that a conversation began as an answer to another one, by somebody who had no part in it. */
export function LinkedNote({ conversation }: { conversation: Conversation }) {
  const { tab = 'all' } = useParams({ strict: false });
  const search = useSearch({ strict: false });
  const { linkedConversationId } = conversation;
  if (!linkedConversationId) return null;
  return (
    <p className="flex items-center gap-2 border-b border-line bg-sunken px-4 py-2 text-ink-2">
      <GitBranch aria-hidden className="size-4 shrink-0" />
      <span className="min-w-0 flex-1">
        Began as an answer to another conversation, by somebody who was not part of it.
      </span>
      <Link
        to="/inbox/$tab/$conversationId"
        params={{ tab, conversationId: linkedConversationId }}
        search={search}
        className="shrink-0 font-medium text-accent hover:underline"
      >
        Open it
      </Link>
    </p>
  );
}
