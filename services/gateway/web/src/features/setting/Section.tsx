import type { ReactNode } from 'react';

export interface SectionProps {
  title: string;
  text: string;
  /** A button beside the title. */
  action?: ReactNode;
  children: ReactNode;
}

/** One part of the settings. */
export function Section({ title, text, action, children }: SectionProps) {
  return (
    <section aria-label={title} className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <h2 className="font-semibold">{title}</h2>
          <p className="text-ink-2">{text}</p>
        </div>
        {action}
      </div>
      {children}
    </section>
  );
}
