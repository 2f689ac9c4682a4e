import { type SubmitEvent, useState } from 'react';

import type { AccountChoice, OwnAccount, ProviderForms } from '@/api/ownAccount';
import { ProblemError, sentenceOf } from '@/api/problem';
import type { ChannelSetting } from '@/api/setting';
import { Button } from '@/components/Button';
import { CopyField } from '@/components/CopyField';
import { Dialog } from '@/components/Dialog';
import { inputLook } from '@/components/Field';
import { ErrorState, FormError } from '@/components/Notice';
import { Skeleton } from '@/components/Skeleton';
import { useToast } from '@/components/Toast';
import { channelNames } from '@/lib/channel';

import { AccountFields } from './AccountFields';
import { AccountModeField } from './AccountModeField';
import { TestMessage } from './TestMessage';
import { TestNote } from './TestNote';
import { useChooseAccount, useOwnAccounts, useProviders, useTestAccount } from './useAccounts';

/** Where one may write to oneself at any time. */
const canTest = new Set<ChannelSetting['channel']>(['email', 'sms']);

export interface AccountDialogProps {
  setting: ChannelSetting;
  open: boolean;
  onClose: () => void;
}

/** Whose account a channel goes by. */
export function AccountDialog({ setting, open, onClose }: AccountDialogProps) {
  const providers = useProviders();
  const accounts = useOwnAccounts();
  const error = providers.error ?? accounts.error;
  return (
    <Dialog
      title={`${channelNames[setting.channel]}: whose account`}
      description="Use the platform's account, or your own at a provider."
      open={open}
      onClose={onClose}
    >
      {error && <ErrorState error={error} onRetry={() => void accounts.refetch()} />}
      {!error && !(providers.data && accounts.data) && <Skeleton className="h-40" />}
      {providers.data && accounts.data && (
        <AccountForm
          setting={setting}
          providers={providers.data}
          accounts={accounts.data}
          onClose={onClose}
        />
      )}
    </Dialog>
  );
}

interface AccountFormProps {
  setting: ChannelSetting;
  providers: ProviderForms;
  accounts: OwnAccount[];
  onClose: () => void;
}

function AccountForm({ setting, providers, accounts, onClose }: AccountFormProps) {
  const serving = providers.items.filter((p) => p.channels.includes(setting.channel));
  const [mode, setMode] = useState(setting.mode === 'byoc' ? 'byoc' : 'platform');
  const [name, setName] = useState(
    setting.mode === 'byoc' ? setting.provider : (serving[0]?.name ?? ''),
  );
  const [values, setValues] = useState<Record<string, string>>({});
  const test = useTestAccount();
  const choose = useChooseAccount();
  const toast = useToast();
  const form = serving.find((p) => p.name === name);
  const saved = accounts.find((a) => a.provider === name);
  const isOwn = mode === 'byoc';

  const credential = Object.fromEntries(Object.entries(values).filter(([, v]) => v.trim() !== ''));
  const choice: AccountChoice = isOwn
    ? { channel: setting.channel, mode: 'byoc', provider: name, credential }
    : { channel: setting.channel, mode: 'platform' };
  const problem = choose.error ?? test.error;
  const tested = choose.data?.test ?? test.data;
  const isRefused = choose.error instanceof ProblemError && choose.error.code === 'account_refused';
  const canInsist = isRefused && test.data?.verdict !== 'key_refused';

  function forget() {
    test.reset();
    choose.reset();
  }

  function save(acceptUntested: boolean) {
    choose.mutate(acceptUntested ? { ...choice, acceptUntested } : choice, {
      onSuccess: () => {
        setValues({});
        toast(
          `${channelNames[setting.channel]} goes by ${isOwn ? 'your own' : "the platform's"} account`,
        );
        if (!isOwn) onClose();
      },
      onError: (failed) => {
        if (failed instanceof ProblemError && failed.code === 'account_refused')
          test.mutate(choice);
      },
    });
  }

  function submit(event: SubmitEvent) {
    event.preventDefault();
    save(false);
  }

  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-4">
      <AccountModeField
        value={mode}
        isOwnPossible={providers.ownAccounts && serving.length > 0}
        onChange={(next) => {
          setMode(next);
          forget();
        }}
      />
      {isOwn && form && (
        <>
          <label className="flex flex-col gap-1">
            <span className="font-medium">Provider</span>
            <select
              className={inputLook}
              value={name}
              onChange={(e) => {
                setName(e.target.value);
                setValues({});
                forget();
              }}
            >
              {serving.map((p) => (
                <option key={p.name} value={p.name}>
                  {p.title}
                </option>
              ))}
            </select>
          </label>
          <AccountFields
            form={form}
            saved={saved}
            values={values}
            errorOf={(field) =>
              problem instanceof ProblemError ? problem.field(`credential.${field}`) : undefined
            }
            onChange={(field, value) => {
              setValues({ ...values, [field]: value });
              forget();
            }}
          />
        </>
      )}
      {isOwn && saved && (
        <div className="flex flex-col gap-1">
          <p className="font-medium">Webhook address</p>
          <p className="text-xs text-ink-3">
            Enter it at {form?.title}, so that what customers write and what becomes of your
            messages arrives here.
          </p>
          <CopyField label="Webhook address" text={saved.webhookUrl} />
        </div>
      )}
      {isOwn && saved && setting.mode === 'byoc' && canTest.has(setting.channel) && (
        <TestMessage channel={setting.channel} onSent={onClose} />
      )}
      <div className="sticky -bottom-4 -mx-4 -mb-4 flex flex-col gap-3 border-t border-line bg-raised p-4">
        {problem && !(isRefused && tested) && <FormError>{sentenceOf(problem)}</FormError>}
        {isOwn && tested && <TestNote tested={tested} />}
        <div className="flex flex-wrap justify-end gap-2">
          {isOwn && (
            <Button busy={test.isPending} onClick={() => test.mutate(choice)}>
              Test connection
            </Button>
          )}
          {canInsist && (
            <Button busy={choose.isPending} onClick={() => save(true)}>
              Save anyway
            </Button>
          )}
          <Button type="submit" kind="primary" busy={choose.isPending}>
            Save
          </Button>
        </div>
      </div>
    </form>
  );
}
