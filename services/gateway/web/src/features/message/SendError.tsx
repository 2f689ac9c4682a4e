import { ProblemError, sentenceOf } from '@/api/problem';
import { FormError } from '@/components/Notice';
import { AllowAgain } from '@/features/consent/AllowAgain';
import type { Channel } from '@/lib/channel';

/** Why the first message to somebody was refused, and what one can do about it, as a button where there is one. */
export function SendError({
  error,
  channel,
  to,
}: {
  error: unknown;
  channel: Channel;
  to: string;
}) {
  return (
    <FormError>
      {sentenceOf(error)}
      {error instanceof ProblemError && isAbout(error, to) && (
        <span className="mt-2 block">
          <AllowAgain code={error.code} channel={channel} address={to} />
        </span>
      )}
    </FormError>
  );
}

// The recipient, not one of the copies.
function isAbout(error: ProblemError, to: string): boolean {
  return to !== '' && error.field('to') !== undefined;
}
