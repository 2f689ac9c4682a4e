import type { ReactNode } from 'react';

import type { Conversation } from '@/api/conversation';
import { Avatar } from '@/components/Avatar';
import { addsReason, sourceName } from '@/features/consent/words';
import { readableAddress } from '@/lib/address';
import { channelNames } from '@/lib/channel';
import { fullTime, shortDate } from '@/lib/time';
import { useNow } from '@/lib/useNow';

const statusNames = { active: 'Active', closed: 'Closed', archived: 'Archived', spam: 'Spam' };

/** What is known about the other side. */
export function ContactDetails({ conversation }: { conversation: Conversation }) {
  const { consent, contact } = conversation;
  const now = useNow();
  return (
    <div className="flex flex-col gap-4 p-4">
      <div className="flex flex-col items-center gap-2 pt-4 text-center">
        <Avatar name={contact.name} address={contact.address} size="large" />
        <h2 className="font-semibold break-words">
          {contact.name || readableAddress(contact.address)}
        </h2>
      </div>
      <dl className="grid grid-cols-[72px_1fr] gap-x-3 gap-y-2">
        <Row term="Address">{readableAddress(contact.address)}</Row>
        <Row term="Channel">{channelNames[conversation.channel]}</Row>
        <Row term="Status">{statusNames[conversation.status]}</Row>
        {consent && (
          <Row term="Messages">
            {consent.state === 'opted_out' ? 'Stopped' : 'Allowed'} on{' '}
            <time dateTime={consent.changedAt.toISOString()} title={fullTime(consent.changedAt)}>
              {shortDate(consent.changedAt, now)}
            </time>
            , {sourceName(consent.source)}
            {addsReason(consent) && <span className="block text-ink-2">{consent.reason}</span>}
          </Row>
        )}
        <Row term="Started">
          <time
            dateTime={conversation.createdAt.toISOString()}
            title={fullTime(conversation.createdAt)}
          >
            {shortDate(conversation.createdAt, now)}
          </time>
        </Row>
        {conversation.labels.length > 0 && (
          <Row term="Labels">{conversation.labels.join(', ')}</Row>
        )}
      </dl>
    </div>
  );
}

function Row({ term, children }: { term: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{term}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
