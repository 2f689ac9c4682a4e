import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';

import { type ApiKey, createApiKey, listApiKeys, type NewApiKey, revokeApiKey } from '@/api/apiKey';
import { sentenceOf } from '@/api/problem';
import { queryKeys } from '@/api/queryKey';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import { Field } from '@/components/Field';
import { ErrorState, FormError } from '@/components/Notice';
import { Skeleton } from '@/components/Skeleton';
import { shortDate } from '@/lib/time';
import { useNow } from '@/lib/useNow';

import { NewKeyNote } from './NewKeyNote';
import { Section } from './Section';

/** The keys programs use in the name of the workspace. */
export function ApiKeySection() {
  const [made, setMade] = useState<NewApiKey>();
  const query = useQuery({
    queryKey: queryKeys.apiKeys,
    queryFn: ({ signal }) => listApiKeys(signal),
  });
  return (
    <Section title="API keys" text="For programs that send and read messages in this workspace.">
      <CreateKey onMade={setMade} />
      {made && <NewKeyNote made={made} onDone={() => setMade(undefined)} />}
      {query.isPending && <Skeleton className="h-14" />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.length === 0 && <p className="text-ink-3">No keys yet.</p>}
      {query.data && query.data.length > 0 && (
        <ul
          aria-label="API keys"
          className="divide-y divide-line rounded-lg border border-line bg-surface"
        >
          {query.data.map((key) => (
            <KeyLine key={key.id} apiKey={key} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function CreateKey({ onMade }: { onMade: (made: NewApiKey) => void }) {
  const [name, setName] = useState('');
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () => createApiKey(name.trim()),
    onSuccess: (made) => {
      setName('');
      onMade(made);
      return client.invalidateQueries({ queryKey: queryKeys.apiKeys });
    },
  });

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (name.trim() !== '') create.mutate();
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      {create.isError && <FormError>{sentenceOf(create.error)}</FormError>}
      <div className="flex items-end gap-2">
        <Field
          label="Name of the new key"
          placeholder="Online shop"
          maxLength={100}
          className="flex-1"
          value={name}
          onChange={(e) => setName(e.target.value)}
        />
        <Button type="submit" busy={create.isPending} disabled={name.trim() === ''}>
          Create key
        </Button>
      </div>
    </form>
  );
}

function KeyLine({ apiKey }: { apiKey: ApiKey }) {
  const [asks, setAsks] = useState(false);
  const now = useNow();
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeApiKey(apiKey.id),
    onSuccess: () => {
      setAsks(false);
      return client.invalidateQueries({ queryKey: queryKeys.apiKeys });
    },
  });
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{apiKey.name}</p>
        <p className="text-xs text-ink-3">
          <code>{apiKey.prefix}…</code> · created {shortDate(apiKey.createdAt, now)} ·{' '}
          {apiKey.lastUsedAt ? `used ${shortDate(apiKey.lastUsedAt, now)}` : 'never used'}
        </p>
      </div>
      <Button onClick={() => setAsks(true)}>Revoke</Button>
      <Dialog
        title={`Revoke “${apiKey.name}”?`}
        description="Programs that use this key stop working at once. This cannot be undone."
        open={asks}
        onClose={() => setAsks(false)}
      >
        {revoke.isError && <FormError>{sentenceOf(revoke.error)}</FormError>}
        <div className="flex justify-end gap-2">
          <Button onClick={() => setAsks(false)}>Keep it</Button>
          <Button kind="danger" busy={revoke.isPending} onClick={() => revoke.mutate()}>
            Revoke key
          </Button>
        </div>
      </Dialog>
    </li>
  );
}
