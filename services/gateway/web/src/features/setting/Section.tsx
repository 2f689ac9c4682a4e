import type { ReactNode } from 'react';

export interface SectionProps {
  title: string;
  text: string;
  children: ReactNode;
}

/** One part of the settings. */
export function Section({ title, text, children }: SectionProps) {
  return (
    <section aria-label={title} className="flex flex-col gap-3">
      <div>
        <h2 className="font-semibold">{title}</h2>
        <p className="text-ink-2">{text}</p>
      </div>
      {children}
    </section>
  );
}
