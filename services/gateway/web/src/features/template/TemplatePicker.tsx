import { RefreshCw, Search } from 'lucide-react';
import { useState } from 'react';

import type { Template } from '@/api/template';
import { IconButton } from '@/components/Button';
import { inputLook } from '@/components/Field';
import { EmptyState, ErrorState } from '@/components/Notice';
import { Skeleton } from '@/components/Skeleton';
import { classes } from '@/lib/classes';

import { titleOf } from './title';
import { useTemplates } from './useTemplates';

const statusNames: Record<string, string> = { pending: 'In review', rejected: 'Rejected' };

/** The templates to choose from. What the provider has not approved is shown, and cannot be chosen. */
export function TemplatePicker({ onChoose }: { onChoose: (template: Template) => void }) {
  const query = useTemplates('whatsapp');
  const [text, setText] = useState('');
  if (query.isPending) {
    return (
      <div role="status" aria-label="Loading templates" className="flex flex-col gap-2 p-3">
        <Skeleton className="h-12" />
        <Skeleton className="h-12" />
      </div>
    );
  }
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.length === 0) {
    return (
      <EmptyState title="No templates yet">
        Create one at the provider; once it is approved, it appears here.
      </EmptyState>
    );
  }
  const shown = query.data.filter((t) => matches(t, text));
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-center gap-1 border-b border-line p-2">
        <div className="relative flex-1">
          <Search aria-hidden className="absolute top-2 left-2.5 size-4 text-ink-3" />
          <input
            type="search"
            aria-label="Search templates"
            placeholder="Choose a template"
            value={text}
            onChange={(e) => setText(e.target.value)}
            data-composer
            className={classes(inputLook, 'h-8 pl-8')}
          />
        </div>
        <IconButton
          label={`Ask for new templates, last asked at ${new Date(query.dataUpdatedAt).toLocaleTimeString()}`}
          disabled={query.isFetching}
          onClick={() => void query.refetch()}
        >
          <RefreshCw
            aria-hidden
            className={classes('size-4', query.isFetching && 'animate-spin')}
          />
        </IconButton>
      </div>
      <ul aria-label="Templates" className="max-h-56 min-h-0 divide-y divide-line overflow-y-auto">
        {shown.map((template) => (
          <li key={`${template.id} ${template.language}`}>
            <Choice template={template} onChoose={() => onChoose(template)} />
          </li>
        ))}
        {shown.length === 0 && <li className="p-3 text-ink-3">No template matches.</li>}
      </ul>
    </div>
  );
}

function Choice({ template, onChoose }: { template: Template; onChoose: () => void }) {
  const isApproved = template.status === 'approved';
  return (
    <button
      type="button"
      disabled={!isApproved}
      onClick={onChoose}
      className="focus-inset block w-full px-3 py-2 text-left hover:bg-hover disabled:opacity-60 disabled:hover:bg-transparent"
    >
      <span className="flex items-baseline gap-2">
        <span className="min-w-0 flex-1 truncate font-medium">{titleOf(template)}</span>
        <span className="shrink-0 text-xs text-ink-3">
          {isApproved
            ? [template.category.toLowerCase(), template.language].filter(Boolean).join(' · ')
            : (statusNames[template.status] ?? template.status)}
        </span>
      </span>
      <span className="block truncate text-ink-2">{template.body}</span>
    </button>
  );
}

function matches(template: Template, text: string): boolean {
  const words =
    `${template.title} ${template.id} ${template.body} ${template.language}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => words.includes(word));
}
