import { ListFilter, Search } from 'lucide-react';
import { useEffect, useState } from 'react';

import { classes } from '@/lib/classes';
import { inputLook } from '@/components/Field';
import { Menu, MenuChoice } from '@/components/Menu';

import { type InboxSearch, statusChoices } from './filter';

export interface ConversationFiltersProps {
  search: InboxSearch;
  onChange: (search: InboxSearch) => void;
}

/** What narrows the inbox down. It lives in the address, so a filtered inbox can be sent to a colleague. */
export function ConversationFilters({ search, onChange }: ConversationFiltersProps) {
  const status = search.status ?? 'active';
  const statusName = statusChoices.find((s) => s.value === status)?.name;
  return (
    <div className="flex flex-col gap-2 border-b border-line px-4 py-3">
      <SearchBox value={search.q ?? ''} onSearch={(q) => onChange({ ...search, q })} />
      <div className="flex items-center gap-1">
        <Menu
          trigger={
            <button type="button" aria-label={`Status: ${statusName}`} className={chip(false)}>
              <ListFilter aria-hidden className="size-3.5" />
              {statusName}
            </button>
          }
        >
          <MenuChoice
            label="Status"
            value={status}
            choices={statusChoices}
            onChoose={(value) => onChange({ ...search, status: value })}
          />
        </Menu>
        <Toggle
          name="Unread"
          isOn={search.unread ?? false}
          onToggle={(isOn) => onChange({ ...search, unread: isOn || undefined })}
        />
        <Toggle
          name="Starred"
          isOn={search.starred ?? false}
          onToggle={(isOn) => onChange({ ...search, starred: isOn || undefined })}
        />
      </div>
    </div>
  );
}

function chip(isOn: boolean): string {
  return classes(
    'inline-flex h-7 items-center gap-1.5 rounded-full border px-3 text-xs font-medium transition-colors',
    isOn
      ? 'border-accent bg-accent-soft text-accent-ink'
      : 'border-line text-ink-2 hover:bg-hover hover:text-ink',
  );
}

function Toggle(props: { name: string; isOn: boolean; onToggle: (isOn: boolean) => void }) {
  const { name, isOn, onToggle } = props;
  return (
    <button
      type="button"
      aria-pressed={isOn}
      className={chip(isOn)}
      onClick={() => onToggle(!isOn)}
    >
      {name}
    </button>
  );
}

function SearchBox({
  value,
  onSearch,
}: {
  value: string;
  onSearch: (q: string | undefined) => void;
}) {
  const [text, setText] = useState(value);
  const [applied, setApplied] = useState(value);
  // The address changed by itself: another tab, or the back button.
  if (value !== applied) {
    setApplied(value);
    setText(value);
  }

  useEffect(() => {
    if (text.trim() === applied) return undefined;
    const timer = setTimeout(() => {
      setApplied(text.trim());
      onSearch(text.trim() || undefined);
    }, 250);
    return () => clearTimeout(timer);
  }, [text, applied, onSearch]);

  return (
    <div className="relative">
      <Search
        aria-hidden
        className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-3"
      />
      <input
        type="search"
        aria-label="Search conversations"
        placeholder="Search"
        value={text}
        onChange={(e) => setText(e.target.value)}
        className={classes(inputLook, 'h-8 pl-8')}
      />
    </div>
  );
}
