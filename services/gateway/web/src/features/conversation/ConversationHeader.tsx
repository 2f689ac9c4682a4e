import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import {
  Archive,
  ArrowLeft,
  Ban,
  CircleCheck,
  Info,
  Mail,
  MoreHorizontal,
  OctagonX,
  RotateCcw,
  Star,
} from 'lucide-react';
import { useState } from 'react';

import type { Conversation, ConversationStatus } from '@/api/conversation';
import { Avatar } from '@/components/Avatar';
import { Button, IconButton } from '@/components/Button';
import { Menu, MenuItem, MenuLine } from '@/components/Menu';
import { useToast } from '@/components/Toast';
import { CallButton } from '@/features/call/CallButton';
import { ConsentDialog } from '@/features/consent/ConsentDialog';
import { SandboxBadge } from '@/features/setting/SandboxBadge';
import { readableAddress } from '@/lib/address';
import type { Channel } from '@/lib/channel';
import { classes } from '@/lib/classes';

import { useUpdateConversation } from './useConversations';

const done: Record<ConversationStatus, string> = {
  active: 'Conversation reopened',
  closed: 'Conversation closed',
  archived: 'Conversation archived',
  spam: 'Conversation marked as spam',
};

export interface ConversationHeaderProps {
  conversation: Conversation;
  /** The server does not list the conversation yet, so there is nothing to change. */
  isStarting: boolean;
  onDetails: () => void;
}

/** Who the conversation is with, and what one can do with it. */
export function ConversationHeader(props: ConversationHeaderProps) {
  const { conversation, isStarting, onDetails } = props;
  const { channel, consent, contact, isStarred, status } = conversation;
  const [stops, setStops] = useState(false);
  const canStop = isStoppable(channel) && consent?.state !== 'opted_out';
  const { mutate } = useUpdateConversation();
  const toast = useToast();
  const navigate = useNavigate();
  const { tab = 'all' } = useParams({ strict: false });
  const search = useSearch({ from: '/app/inbox/$tab' });

  function setStatus(next: ConversationStatus) {
    mutate({ conversation, patch: { status: next } });
    toast(done[next], {
      name: 'Undo',
      run: () => mutate({ conversation: { ...conversation, status: next }, patch: { status } }),
    });
  }

  const starLabel = isStarred ? 'Remove star' : 'Star';
  const toggleStar = () => mutate({ conversation, patch: { isStarred: !isStarred } });

  // Leaving first: a conversation that stays open is read again at once.
  async function markUnread() {
    await navigate({ to: '/inbox/$tab', params: { tab }, search });
    mutate({ conversation, patch: { isUnread: true } });
  }

  const name = contact.name || readableAddress(contact.address);
  return (
    <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line px-4">
      <Link
        to="/inbox/$tab"
        params={{ tab }}
        search={search}
        aria-label="Back to the list"
        className="-ml-2 inline-flex size-8 shrink-0 items-center justify-center rounded-md text-ink-2 hover:bg-sunken md:hidden"
      >
        <ArrowLeft aria-hidden className="size-4" />
      </Link>
      <Avatar name={contact.name} address={contact.address} channel={conversation.channel} />
      <div className="ml-1 min-w-0 flex-1">
        <h1 className="truncate font-semibold">{name}</h1>
        <p className="flex items-center gap-2 text-xs text-ink-2">
          <span className="truncate">
            {contact.name
              ? readableAddress(contact.address)
              : conversation.subject || statusName(status)}
          </span>
          <SandboxBadge channel={channel} customer={contact.address} isShort />
        </p>
      </div>
      {channel !== 'call' && <CallButton address={contact.address} name={contact.name} />}
      <IconButton
        label={starLabel}
        aria-pressed={isStarred}
        disabled={isStarting}
        className="hidden! sm:inline-flex!"
        onClick={toggleStar}
      >
        <Star aria-hidden className={classes('size-4', isStarred && 'fill-current text-accent')} />
      </IconButton>
      {status === 'active' ? (
        <Button aria-label="Close" disabled={isStarting} onClick={() => setStatus('closed')}>
          <CircleCheck aria-hidden className="size-4" />
          <span className="hidden sm:inline">Close</span>
        </Button>
      ) : (
        <Button aria-label="Reopen" onClick={() => setStatus('active')}>
          <RotateCcw aria-hidden className="size-4" />
          <span className="hidden sm:inline">Reopen</span>
        </Button>
      )}
      <Menu
        trigger={
          <IconButton label="More actions" disabled={isStarting}>
            <MoreHorizontal aria-hidden className="size-4" />
          </IconButton>
        }
      >
        <MenuItem icon={<Star aria-hidden />} onSelect={toggleStar}>
          {starLabel}
        </MenuItem>
        <MenuItem icon={<Mail aria-hidden />} onSelect={() => void markUnread()}>
          Mark as unread
        </MenuItem>
        <MenuLine />
        {canStop && (
          <MenuItem icon={<Ban aria-hidden />} onSelect={() => setStops(true)}>
            Stop messages…
          </MenuItem>
        )}
        {status !== 'archived' && (
          <MenuItem icon={<Archive aria-hidden />} onSelect={() => setStatus('archived')}>
            Archive
          </MenuItem>
        )}
        {status !== 'spam' && (
          <MenuItem icon={<OctagonX aria-hidden />} onSelect={() => setStatus('spam')}>
            Mark as spam
          </MenuItem>
        )}
        <MenuLine />
        <MenuItem icon={<Info aria-hidden />} onSelect={onDetails}>
          Contact details
        </MenuItem>
      </Menu>
      <ConsentDialog
        channel={channel}
        address={contact.address}
        state="opted_out"
        conversation={conversation}
        open={stops}
        onClose={() => setStops(false)}
      />
    </header>
  );
}

function isStoppable(channel: Channel): boolean {
  return channel === 'email' || channel === 'sms' || channel === 'whatsapp';
}

function statusName(status: ConversationStatus): string {
  return { active: 'Active', closed: 'Closed', archived: 'Archived', spam: 'Spam' }[status];
}
