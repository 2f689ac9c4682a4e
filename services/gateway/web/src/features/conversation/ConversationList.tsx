import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';

import type { Conversation } from '@/api/conversation';
import type { InboxTab } from '@/lib/channel';
import { useNow } from '@/lib/useNow';

import { ConversationRow } from './ConversationRow';
import { useListKeys } from './useListKeys';

const rowHeight = 64;

export interface ConversationListProps {
  conversations: Conversation[];
  tab: InboxTab;
  selectedId?: string;
  hasMore: boolean;
  onEnd: () => void;
}

/** The inbox: only the rows in sight are drawn. */
export function ConversationList(props: ConversationListProps) {
  const { conversations, tab, selectedId, hasMore, onEnd } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const now = useNow();
  const [cursorId, setCursorId] = useState(selectedId);
  const cursor = indexOf(conversations, cursorId ?? selectedId);

  // The virtualizer hands out new functions on each render, which the compiler must not remember.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtualizer = useVirtualizer({
    count: conversations.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => conversations[index]?.id ?? index,
    overscan: 8,
  });
  const rows = virtualizer.getVirtualItems();

  function move(index: number) {
    const id = conversations[index]?.id;
    if (id === undefined) return;
    setCursorId(id);
    // A row in sight takes the focus at once, so that an Enter right after it opens it; another has to be drawn first.
    if (focusRow(scroller.current, id)) return;
    virtualizer.scrollToIndex(index);
    requestAnimationFrame(() => focusRow(scroller.current, id));
  }

  const onKeyDown = useListKeys({ length: conversations.length, cursor, move });
  useKeepPlace(scroller, conversations);

  const lastInSight = rows.at(-1)?.index ?? 0;
  const isNearEnd = hasMore && lastInSight >= conversations.length - 10;
  useEffect(() => {
    if (isNearEnd) onEnd();
  }, [isNearEnd, onEnd]);

  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto" onKeyDown={onKeyDown}>
      <div
        role="list"
        aria-label="Conversations"
        className="relative"
        style={{ height: virtualizer.getTotalSize() }}
      >
        {rows.map((row) => {
          const conversation = conversations[row.index];
          if (!conversation) return null;
          return (
            <div
              key={row.key}
              role="listitem"
              aria-posinset={row.index + 1}
              aria-setsize={hasMore ? -1 : conversations.length}
              className="absolute inset-x-0 top-0"
              style={{ height: rowHeight, transform: `translateY(${row.start}px)` }}
              onFocus={() => setCursorId(conversation.id)}
            >
              <ConversationRow
                conversation={conversation}
                tab={tab}
                isSelected={conversation.id === selectedId}
                isCursor={row.index === Math.max(cursor, 0)}
                now={now}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function indexOf(conversations: Conversation[], id: string | undefined): number {
  return id === undefined ? -1 : conversations.findIndex((c) => c.id === id);
}

function focusRow(scroller: HTMLElement | null, id: string): boolean {
  const row = scroller?.querySelector<HTMLElement>(`[data-conversation="${CSS.escape(id)}"]`);
  row?.focus();
  return row !== null && row !== undefined;
}

// A row that moves to the top must not push away what is being read further down: the first row in sight stays put.
function useKeepPlace(scroller: RefObject<HTMLElement | null>, list: Conversation[]) {
  const previous = useRef(list);
  useLayoutEffect(() => {
    const before = previous.current;
    previous.current = list;
    const scrolled = scroller.current?.scrollTop ?? 0;
    if (before === list || scrolled < rowHeight) return;
    const top = Math.floor(scrolled / rowHeight);
    const now = indexOf(list, before[top]?.id);
    if (now >= 0) scroller.current?.scrollBy({ top: (now - top) * rowHeight });
  }, [scroller, list]);
}
