import { useState } from 'react';

import { ChannelIcon } from '@/components/ChannelIcon';
import { NewCallForm } from '@/features/call/NewCallForm';
import { useSettings } from '@/features/setting/useSettings';
import { NewTemplateForm } from '@/features/template/NewTemplateForm';
import { type Channel, channelNames } from '@/lib/channel';
import { classes } from '@/lib/classes';

import { useDrafts } from './DraftsProvider';
import { NewTextForm } from './NewTextForm';

const writable = ['sms', 'email', 'whatsapp', 'call'] as const;
type Writable = (typeof writable)[number];

export interface NewMessageFormProps {
  /** The channel to start with, where it can be written on. */
  channel?: Channel;
  onDone: () => void;
}

/** Writes the first message to somebody, or calls. What is written stays on this device until it is sent. */
export function NewMessageForm({ channel: wanted, onDone }: NewMessageFormProps) {
  const settings = useSettings().data;
  const offered = writable.filter(
    (w) =>
      w === 'sms' || w === 'email' || settings?.channels.some((c) => c.channel === w && c.from),
  );
  const [chosen, setChosen] = useState<Writable>(writable.find((w) => w === wanted) ?? 'sms');
  const channel = offered.includes(chosen) ? chosen : 'sms';
  const drafts = useDrafts();

  // A number typed for one channel is meant for the next one too.
  function choose(next: Writable) {
    const { to } = drafts.read(newDraft(channel));
    const fits = to && (next === 'email') === (channel === 'email');
    if (fits && !drafts.read(newDraft(next)).to) {
      drafts.change(newDraft(next), (draft) => ({ ...draft, to }));
    }
    setChosen(next);
  }

  return (
    <div className="flex flex-col gap-4">
      <fieldset>
        <legend className="mb-1 font-medium">Channel</legend>
        <div className="flex flex-wrap gap-2">
          {offered.map((choice) => (
            <label key={choice} className={choiceLook(choice === channel)}>
              <input
                type="radio"
                name="channel"
                className="sr-only"
                checked={choice === channel}
                onChange={() => choose(choice)}
              />
              <ChannelIcon channel={choice} className="size-3.5" />
              {choice === 'call' ? 'Call' : channelNames[choice]}
            </label>
          ))}
        </div>
      </fieldset>
      {channel === 'call' ? (
        <NewCallForm draftOf={newDraft(channel)} onDone={onDone} />
      ) : channel === 'whatsapp' ? (
        <NewTemplateForm draftOf={newDraft(channel)} onDone={onDone} />
      ) : (
        <NewTextForm key={channel} channel={channel} draftOf={newDraft(channel)} onDone={onDone} />
      )}
    </div>
  );
}

function newDraft(channel: Writable): string {
  return `new.${channel}`;
}

function choiceLook(isChosen: boolean): string {
  return classes(
    'inline-flex h-8 cursor-pointer items-center gap-2 rounded-md border px-3 has-focus-visible:outline-2 has-focus-visible:outline-accent',
    isChosen ? 'border-accent bg-accent-soft text-accent-ink' : 'border-line-strong hover:bg-hover',
  );
}
