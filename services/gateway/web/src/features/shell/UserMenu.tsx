import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { LogOut, Settings } from 'lucide-react';
import { useState } from 'react';

import { getMe, logOut } from '@/api/account';
import { sentenceOf } from '@/api/problem';
import { queryKeys } from '@/api/queryKey';
import { Menu, MenuChoice, MenuItem, MenuLine } from '@/components/Menu';
import { useToast } from '@/components/Toast';
import { useDrafts } from '@/features/message/DraftsProvider';
import { useOutbox } from '@/features/message/OutboxProvider';
import { useLiveCache } from '@/features/realtime/LiveCacheProvider';
import { initials } from '@/lib/address';
import { chooseTheme, readTheme, type Theme } from '@/lib/theme';

const themeChoices = [
  { value: 'system', name: 'Like this device' },
  { value: 'light', name: 'Light' },
  { value: 'dark', name: 'Dark' },
] as const;

/** Who is logged in, and what belongs to them. */
export function UserMenu() {
  const me = useQuery({ queryKey: queryKeys.me, queryFn: ({ signal }) => getMe(signal) }).data;
  const [theme, setTheme] = useState(readTheme);
  const navigate = useNavigate();
  const cache = useLiveCache();
  const outbox = useOutbox();
  const drafts = useDrafts();
  const toast = useToast();
  const leave = useMutation({
    mutationFn: logOut,
    onError: (error) => toast(sentenceOf(error)),
    onSuccess: async () => {
      drafts.clear();
      outbox.clear();
      await navigate({ to: '/login', search: {} });
      cache.client.clear();
    },
  });

  function choose(next: Theme) {
    setTheme(next);
    chooseTheme(next);
  }

  const name = me?.user?.name ?? '';
  const email = me?.user?.email ?? '';
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label="Account"
          title={email || 'Account'}
          className="inline-flex size-8 items-center justify-center rounded-full bg-sunken text-xs font-medium text-ink-2 hover:text-ink"
        >
          {initials(name, email)}
        </button>
      }
    >
      <div className="max-w-64 px-2 py-1.5">
        <p className="truncate font-medium">{me?.workspace.name ?? 'Workspace'}</p>
        <p className="truncate text-xs text-ink-3">{email}</p>
      </div>
      <MenuLine />
      <MenuItem icon={<Settings aria-hidden />} onSelect={() => void navigate({ to: '/settings' })}>
        Settings
      </MenuItem>
      <MenuLine />
      <MenuChoice label="Theme" value={theme} choices={themeChoices} onChoose={choose} />
      <MenuLine />
      <MenuItem icon={<LogOut aria-hidden />} onSelect={() => leave.mutate()}>
        Log out
      </MenuItem>
    </Menu>
  );
}
