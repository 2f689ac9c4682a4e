import { useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';

import type { Conversation } from '@/api/conversation';
import { EmptyState, ErrorState } from '@/components/Notice';
import { Dialog } from '@/components/Dialog';
import { Composer } from '@/features/message/Composer';
import type { OutboxEntry } from '@/features/message/outbox';
import { useOutboxEntries } from '@/features/message/OutboxProvider';
import { Thread } from '@/features/message/Thread';
import { ThreadSkeleton } from '@/features/message/ThreadSkeleton';

import { ContactDetails } from './ContactDetails';
import { ConversationHeader } from './ConversationHeader';
import { FileDropZone } from './FileDropZone';
import { LinkedNote } from './LinkedNote';
import { isNotFound, useConversation } from './useConversations';
import { useMarkRead } from './useMarkRead';

/** One conversation: who it is with, what was said, and where to answer. */
export function ConversationPage() {
  const { conversationId } = useParams({ from: '/app/inbox/$tab/$conversationId' });
  return <OpenConversation key={conversationId} id={conversationId} />;
}

function OpenConversation({ id }: { id: string }) {
  const entries = useOutboxEntries(id);
  const starting = useMemo(() => startedBy(id, entries), [id, entries]);
  const query = useConversation(id, starting !== undefined);
  const known = query.data ?? starting;
  // Between the message that begins it and the answer of the server nothing is known of it: what was shown stays.
  const [shown, setShown] = useState(known);
  if (known !== undefined && known !== shown) setShown(known);
  const conversation = known ?? shown;
  const [showsDetails, setShowsDetails] = useState(false);
  useMarkRead(query.data);

  if (!conversation) {
    if (query.isError && isNotFound(query.error)) {
      return (
        <EmptyState title="This conversation does not exist">
          It may belong to another workspace, or the address is incomplete.
        </EmptyState>
      );
    }
    if (query.isError)
      return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
    return <ThreadSkeleton />;
  }
  return (
    <div className="flex min-w-0 flex-1">
      <FileDropZone conversation={conversation}>
        <ConversationHeader
          conversation={conversation}
          isStarting={!query.data}
          onDetails={() => setShowsDetails(true)}
        />
        <LinkedNote conversation={conversation} />
        <Thread conversation={conversation} />
        <Composer conversation={conversation} />
      </FileDropZone>
      <aside
        aria-label="Contact"
        className="hidden w-72 shrink-0 overflow-y-auto border-l border-line bg-surface xl:block"
      >
        <ContactDetails conversation={conversation} />
      </aside>
      <Dialog
        title="Contact"
        shape="drawer"
        open={showsDetails}
        onClose={() => setShowsDetails(false)}
      >
        <ContactDetails conversation={conversation} />
      </Dialog>
    </div>
  );
}

// A conversation that was just started is shown from what was sent, until the server's own copy can be read.
function startedBy(id: string, entries: readonly OutboxEntry[]): Conversation | undefined {
  const entry = entries.find((e) => e.message.to !== undefined);
  if (!entry) return undefined;
  const { message, createdAt } = entry;
  return {
    id,
    channel: message.channel,
    status: 'active',
    subject: message.subject ?? '',
    snippet: message.body ?? '',
    contact: { id: '', name: '', address: message.to ?? '' },
    isUnread: false,
    isStarred: false,
    labels: [],
    hasWindow: message.template !== undefined,
    lastMessageAt: createdAt,
    createdAt,
    updatedAt: createdAt,
  };
}
