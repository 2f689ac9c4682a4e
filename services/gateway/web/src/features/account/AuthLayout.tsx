import { type ReactNode, useEffect } from 'react';

import { Logo } from '@/features/shell/Logo';

/** The quiet page around logging in and signing up. */
export function AuthLayout(props: { title: string; children: ReactNode; footer: ReactNode }) {
  useEffect(() => {
    document.title = `${props.title} · Conversations`;
  }, [props.title]);
  return (
    <div className="flex min-h-full flex-col items-center justify-center px-4 py-12">
      <div className="w-full max-w-[360px]">
        <div className="mb-6 flex items-center gap-2">
          <Logo />
          <span className="font-semibold">Conversations</span>
        </div>
        <main className="rounded-lg border border-line bg-surface p-6">
          <h1 className="mb-4 text-xl font-semibold">{props.title}</h1>
          {props.children}
        </main>
        <p className="mt-4 text-center text-ink-2">{props.footer}</p>
      </div>
    </div>
  );
}
