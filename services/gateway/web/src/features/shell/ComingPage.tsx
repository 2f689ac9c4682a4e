import { type ReactNode, useEffect } from 'react';

import { EmptyState } from '@/components/Notice';

export interface ComingPageProps {
  name: string;
  icon: ReactNode;
  title: string;
  children: ReactNode;
}

/** An honest page for a part that is not there yet: what will live here, and that it does not yet. */
export function ComingPage({ name, icon, title, children }: ComingPageProps) {
  useEffect(() => {
    document.title = `${name} · Conversations`;
  }, [name]);
  return (
    <div className="flex-1">
      <EmptyState icon={icon} title={title}>
        {children}
      </EmptyState>
    </div>
  );
}
