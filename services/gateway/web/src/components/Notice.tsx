import type { ReactNode } from 'react';

import { sentenceOf } from '@/api/problem';

import { Button } from './Button';

export interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** What stands where there is nothing to show: why, and what one can do. */
export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <div className="flex h-full flex-col items-center justify-center gap-2 p-8 text-center">
      {icon && <span className="mb-1 text-ink-3 [&>svg]:size-8 [&>svg]:stroke-[1.5]">{icon}</span>}
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-[44ch] text-pretty text-ink-2">{children}</div>}
      {action && <div className="mt-2">{action}</div>}
    </div>
  );
}

/** What stands where loading failed: the reason and another try. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div
      role="alert"
      className="flex h-full flex-col items-center justify-center gap-2 p-8 text-center"
    >
      <p className="font-medium">This could not be loaded</p>
      <p className="max-w-[44ch] text-pretty text-ink-2">{sentenceOf(error)}</p>
      <Button className="mt-2" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}

/** A reason above a form. */
export function FormError({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-danger">
      {children}
    </p>
  );
}
