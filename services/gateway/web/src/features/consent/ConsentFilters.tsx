import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';

import { inputLook } from '@/components/Field';
import { channelNames } from '@/lib/channel';
import { classes } from '@/lib/classes';

import { consentChannels, type ConsentSearch } from './search';

export interface ConsentFiltersProps {
  search: ConsentSearch;
  onChange: (search: ConsentSearch) => void;
}

const selectLook = classes(inputLook, 'h-8 flex-1 py-0! sm:w-auto! sm:flex-none');

/** What narrows the list of opt-outs down. It lives in the address. */
export function ConsentFilters({ search, onChange }: ConsentFiltersProps) {
  const [text, setText] = useState(search.address ?? '');

  useEffect(() => {
    if (text.trim() === (search.address ?? '')) return undefined;
    const timer = setTimeout(() => onChange({ ...search, address: text.trim() || undefined }), 250);
    return () => clearTimeout(timer);
  }, [text, search, onChange]);

  return (
    <div className="flex flex-wrap gap-2">
      <div className="relative min-w-full flex-1 sm:min-w-48">
        <Search aria-hidden className="absolute top-2 left-2.5 size-4 text-ink-3" />
        <input
          type="search"
          aria-label="Address"
          placeholder="Number or e-mail address"
          value={text}
          onChange={(e) => setText(e.target.value)}
          className={classes(inputLook, 'h-8 pl-8')}
        />
      </div>
      <select
        aria-label="Channel"
        value={search.channel ?? ''}
        onChange={(e) =>
          onChange({ ...search, channel: consentChannels.find((c) => c === e.target.value) })
        }
        className={selectLook}
      >
        <option value="">Every channel</option>
        {consentChannels.map((channel) => (
          <option key={channel} value={channel}>
            {channelNames[channel]}
          </option>
        ))}
      </select>
      <select
        aria-label="State"
        value={search.state ?? 'opted_out'}
        onChange={(e) => onChange({ ...search, state: stateOf(e.target.value) })}
        className={selectLook}
      >
        <option value="opted_out">Stopped</option>
        <option value="opted_in">Allowed again</option>
        <option value="all">Both</option>
      </select>
    </div>
  );
}

function stateOf(value: string): ConsentSearch['state'] {
  return (['opted_in', 'all'] as const).find((s) => s === value);
}
