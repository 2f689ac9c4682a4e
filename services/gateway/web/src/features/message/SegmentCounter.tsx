import { countSegments } from './segment';

/** The most characters one text message may have. */
export const longestText = 1600;

/** How long a text message is, and into how many parts it is cut on its way. */
export function SegmentCounter({ text }: { text: string }) {
  const { count, left, encoding } = countSegments(text);
  const characters = Array.from(text).length;
  const isTooLong = characters > longestText;
  return (
    <p
      className={isTooLong ? 'text-xs text-danger' : 'text-xs text-ink-3'}
      role={isTooLong ? 'alert' : undefined}
      title={`${encoding}: ${left} left in this segment`}
    >
      {isTooLong
        ? `${characters} characters: at most ${longestText} can be sent.`
        : `${characters} characters · ${count} ${count === 1 ? 'segment' : 'segments'} · ${encoding}`}
    </p>
  );
}
