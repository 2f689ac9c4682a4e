import { type SubmitEvent, useState } from 'react';

import type { CallSettings } from '@/api/call';
import { sentenceOf } from '@/api/problem';
import { Button } from '@/components/Button';
import { Field } from '@/components/Field';
import { ErrorState, FormError } from '@/components/Notice';
import { Skeleton } from '@/components/Skeleton';
import { Switch } from '@/components/Switch';
import { TextField } from '@/components/TextField';
import { useToast } from '@/components/Toast';
import { useCallSettings, useMe } from '@/features/call/useCall';
import { useSetCallSettings } from '@/features/call/useSetCallSettings';
import { bareNumber, isPhone } from '@/lib/address';

import { AgentPhones } from './AgentPhones';
import { RingModeField } from './RingModeField';
import { Section } from './Section';

/** What happens with calls: who is rung, what is said, and what is kept. */
export function CallsPage() {
  const query = useCallSettings();
  const me = useMe();
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data || !me) {
    return (
      <div role="status" aria-label="Loading the settings" className="flex flex-col gap-4">
        <Skeleton className="h-40" />
        <Skeleton className="h-40" />
      </div>
    );
  }
  // A colleague's change that comes while one edits waits for the next visit.
  return <CallsForm held={query.data} user={me.user} canManage={me.role !== 'agent'} />;
}

interface CallsFormProps {
  held: CallSettings;
  user: { id: string; name: string } | undefined;
  canManage: boolean;
}

function CallsForm({ held, user, canManage }: CallsFormProps) {
  const [settings, setSettings] = useState(held);
  const save = useSetCallSettings();
  const toast = useToast();
  const change = (patch: Partial<CallSettings>) => setSettings({ ...settings, ...patch });
  const isRight =
    settings.agents.every((a) => isPhone(bareNumber(a.phone))) &&
    settings.ringSeconds >= 5 &&
    settings.ringSeconds <= 60;
  const isChanged = JSON.stringify(settings) !== JSON.stringify(held);

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (!isRight) return;
    const agents = settings.agents.map((a) => ({ ...a, phone: bareNumber(a.phone) }));
    save.mutate(
      { ...settings, agents },
      {
        onSuccess: (saved) => {
          setSettings(saved);
          toast('Settings for calls saved');
        },
      },
    );
  }

  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-8">
      {save.isError && <FormError>{sentenceOf(save.error)}</FormError>}
      <Section title="Phones" text="Who is rung when a customer calls, in this order.">
        <AgentPhones
          agents={settings.agents}
          user={user}
          canManage={canManage}
          onChange={(agents) => change({ agents })}
        />
      </Section>
      <fieldset disabled={!canManage} className="flex min-w-0 flex-col gap-8">
        {!canManage && (
          <p className="text-ink-2">
            Owners and admins change what follows; you see how it is set.
          </p>
        )}
        <Section title="Ringing" text="How the phones ring, and for how long.">
          <RingModeField value={settings.ringMode} onChange={(ringMode) => change({ ringMode })} />
          <Field
            label="Seconds each try rings"
            type="number"
            inputMode="numeric"
            min={5}
            max={60}
            className="max-w-40"
            value={settings.ringSeconds || ''}
            onChange={(e) => change({ ringSeconds: Number(e.target.value) })}
            error={
              settings.ringSeconds < 5 || settings.ringSeconds > 60 ? 'From 5 to 60.' : undefined
            }
          />
        </Section>
        <Section
          title="Recording"
          text="Whether a call is kept, and what both sides hear before it."
        >
          <Switch
            label="Record calls"
            hint="In many places everybody on the call has to be told, and may have to agree."
            isOn={settings.record}
            onChange={(record) => change({ record })}
          />
          <TextField
            label="Announcement"
            maxLength={500}
            placeholder="This call may be recorded."
            hint="Said before the two sides are connected. Empty says nothing."
            value={settings.announcement}
            onChange={(e) => change({ announcement: e.target.value })}
          />
          {settings.record && settings.announcement.trim() === '' && (
            <p role="status" className="rounded-md bg-warn-soft px-3 py-2 text-warn">
              Calls are recorded without anybody being told. Write an announcement.
            </p>
          )}
        </Section>
        <Section title="Voicemail" text="When nobody picks up.">
          <Switch
            label="Take messages"
            hint="Without it, the call ends when nobody picks up."
            isOn={settings.voicemail}
            onChange={(voicemail) => change({ voicemail })}
          />
          <TextField
            label="Greeting"
            maxLength={500}
            placeholder="We cannot take your call right now. Please leave a message after the tone."
            hint="Said before the tone. Empty says our own words."
            disabled={!settings.voicemail}
            value={settings.voicemailGreeting}
            onChange={(e) => change({ voicemailGreeting: e.target.value })}
          />
          <Field
            label="Language of what is said"
            placeholder="en-US"
            maxLength={35}
            className="max-w-40"
            value={settings.language}
            onChange={(e) => change({ language: e.target.value.trim() })}
          />
        </Section>
      </fieldset>
      <div className="sticky bottom-0 -mx-4 flex items-center justify-end gap-3 border-t border-line bg-canvas px-4 py-3">
        <p className="min-w-0 flex-1 text-ink-3">{isChanged ? 'Not saved yet' : ''}</p>
        <Button disabled={!isChanged} onClick={() => setSettings(held)}>
          Undo changes
        </Button>
        <Button
          type="submit"
          kind="primary"
          busy={save.isPending}
          disabled={!isChanged || !isRight}
        >
          Save
        </Button>
      </div>
    </form>
  );
}
