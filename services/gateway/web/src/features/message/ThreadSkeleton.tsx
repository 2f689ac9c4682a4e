import { Skeleton } from '@/components/Skeleton';
import { classes } from '@/lib/classes';

const widths = ['w-2/5', 'w-1/2', 'w-1/3', 'w-2/5', 'w-1/4'];

/** Where messages will be. */
export function MessagesSkeleton() {
  return (
    <div
      role="status"
      aria-label="Loading messages"
      className="flex flex-1 flex-col justify-end gap-4 overflow-hidden p-4"
    >
      {widths.map((width, i) => (
        <Skeleton
          key={i}
          className={classes('h-10 rounded-xl', width, i % 2 === 1 && 'self-end')}
        />
      ))}
    </div>
  );
}

/** Where a conversation will be. */
export function ThreadSkeleton() {
  return (
    <div className="flex flex-1 flex-col bg-surface">
      <div className="flex h-14 items-center gap-3 border-b border-line px-4">
        <Skeleton className="size-9 rounded-full" />
        <Skeleton className="h-3 w-40" />
      </div>
      <MessagesSkeleton />
    </div>
  );
}
