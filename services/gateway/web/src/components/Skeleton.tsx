import { classes } from '@/lib/classes';

/** A grey bar where text will be. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={classes('block rounded bg-sunken', className)} />;
}
