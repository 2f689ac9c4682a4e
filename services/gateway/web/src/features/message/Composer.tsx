import type { Conversation } from '@/api/conversation';
import { CallBar } from '@/features/call/CallBar';
import { OptedOutNote } from '@/features/consent/OptedOutNote';
import { TemplateComposer } from '@/features/template/TemplateComposer';
import { isWindowClosed } from '@/features/template/window';
import { channelNames } from '@/lib/channel';
import { useNow } from '@/lib/useNow';

import { useDraft } from './DraftsProvider';
import { MailComposer } from './MailComposer';
import { TextComposer } from './TextComposer';

/** Where one answers. It belongs to one conversation: the page gives each its own. */
export function Composer({ conversation }: { conversation: Conversation }) {
  const { channel, consent } = conversation;
  const now = useNow(15_000);
  const [draft] = useDraft(conversation.id);
  if (channel === 'call') return <CallBar conversation={conversation} />;
  if (channel === 'social' || channel === 'live_chat') {
    return (
      <p className="border-t border-line px-4 py-3 text-ink-2">
        Answering on {channelNames[channel]} is not available yet.
      </p>
    );
  }
  if (consent?.state === 'opted_out') {
    return <OptedOutNote conversation={conversation} consent={consent} />;
  }
  if (channel === 'email') return <MailComposer conversation={conversation} />;
  const isClosed = isWindowClosed(conversation, now);
  if (isClosed || draft.template) {
    return <TemplateComposer conversation={conversation} isClosed={isClosed} />;
  }
  return <TextComposer conversation={conversation} channel={channel} />;
}
