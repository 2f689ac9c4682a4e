import { Link, Outlet } from '@tanstack/react-router';
import { useEffect } from 'react';

const parts = [
  { to: '/settings', name: 'Channels' },
  { to: '/settings/calls', name: 'Calls' },
  { to: '/settings/opt-outs', name: 'Opt-outs' },
  { to: '/settings/usage', name: 'Usage' },
] as const;

const linkLook =
  'rounded-md px-3 py-1.5 text-ink-2 hover:bg-hover hover:text-ink ' +
  'aria-[current=page]:bg-sunken aria-[current=page]:font-medium aria-[current=page]:text-ink';

/** The settings of the workspace, part by part. */
export function SettingsPage() {
  useEffect(() => {
    document.title = 'Settings · Conversations';
  }, []);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex max-w-4xl flex-col gap-6 px-4 py-8 md:flex-row md:gap-10">
        <div className="shrink-0 md:sticky md:top-8 md:w-40 md:self-start">
          <h1 className="mb-4 text-xl font-semibold">Settings</h1>
          <nav aria-label="Settings" className="-mx-3 flex gap-1 md:flex-col">
            {parts.map(({ to, name }) => (
              <Link key={to} to={to} activeOptions={{ exact: true }} className={linkLook}>
                {name}
              </Link>
            ))}
          </nav>
        </div>
        <div className="flex min-w-0 flex-1 flex-col gap-8">
          <Outlet />
        </div>
      </div>
    </div>
  );
}
