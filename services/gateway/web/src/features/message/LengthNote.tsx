import type { Channel } from '@/lib/channel';

import { countSegments } from './segment';

export interface LengthNoteProps {
  text: string;
  channel: Channel;
  /** The most characters the channel takes; 0 is any number. */
  limit: number;
}

/** How long a message is: for a text also into how many parts it is cut on its way; for others only near the limit. */
export function LengthNote({ text, channel, limit }: LengthNoteProps) {
  const characters = Array.from(text).length;
  if (limit > 0 && characters > limit) {
    return (
      <span role="alert" className="text-danger">
        {characters} characters: at most {limit} can be sent.
      </span>
    );
  }
  if (channel === 'sms') return <SegmentCounter text={text} characters={characters} />;
  if (limit === 0 || characters < limit * 0.8) return null;
  return (
    <span>
      {characters} of {limit} characters
    </span>
  );
}

function SegmentCounter({ text, characters }: { text: string; characters: number }) {
  const { count, left, encoding } = countSegments(text);
  return (
    <span title={`${encoding}: ${left} left in this segment`}>
      {characters} characters · {count} {count === 1 ? 'segment' : 'segments'} · {encoding}
    </span>
  );
}
