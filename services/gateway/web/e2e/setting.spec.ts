import { expect, type Page, test } from '@playwright/test';

import {
  accessible,
  aNumber,
  aNumberOfOurs,
  asCustomer,
  enterWebhook,
  listenForErrors,
  picture,
  signUp,
  thread,
  writeTo,
} from './world';

// The account that the sandbox keeps at a provider where the platform has none.
const account = {
  'Account SID': 'AC00000000000000000000000000005a4d',
  'Auth token': 'twilio_sandbox_not_a_secret',
};

test('one brings an account of one’s own: wrong key, unverified sender, right, sent and answered', async ({
  page,
}) => {
  const errors = listenForErrors(page);
  const number = aNumber();
  const own = { ...account, 'Phone number': aNumberOfOurs() };
  await signUp(page);
  const dialog = await openAccount(page, 'Text');
  await dialog.getByRole('radio', { name: /Your own account/ }).check();
  await dialog.getByRole('combobox').selectOption('Twilio');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(dialog.getByText('Account SID is missing').first()).toBeVisible();

  await fill(dialog, { ...own, 'Auth token': 'a wrong token of some length' });
  await dialog.getByRole('button', { name: 'Test connection' }).click();
  await expect(dialog.getByText('The key is refused')).toBeVisible();
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(dialog.getByRole('button', { name: 'Save anyway' })).toBeHidden();
  await picture(page, 'account-key-refused');

  await fill(dialog, { ...own, 'Phone number': '+14155550101' });
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(dialog.getByText('The key is valid, the sender is not verified')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Save anyway' })).toBeVisible();
  await picture(page, 'account-sender-unverified');

  await fill(dialog, own);
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(dialog.getByText('It works')).toBeVisible();
  const webhook = await dialog.getByLabel('Webhook address').inputValue();
  expect(webhook).toContain('/api/webhooks/twilio/');
  await expect(dialog.getByLabel('Auth token')).toHaveAttribute('placeholder', /ends in cret/);
  await expect(dialog.getByLabel('Auth token')).toHaveValue('');
  await accessible(page);
  await picture(page, 'account-saved');
  await enterWebhook(page, 'twilio', webhook);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(
    page.getByRole('region', { name: 'Channels' }).getByText('Your own account'),
  ).toBeVisible();
  await picture(page, 'channels-own');

  await accessible(page);

  const saved = await openAccount(page, 'Text');
  await saved.getByLabel('Send a test message to').fill(aNumber());
  await saved.getByRole('button', { name: 'Send test message' }).click();
  await expect(thread(page).getByText('This is a test')).toBeVisible();
  await expect(thread(page).getByRole('img', { name: 'Delivered' })).toBeVisible();
  await page.goto('/inbox/all');
  await writeTo(page, { channel: 'Text', to: number, body: 'From our own number' });
  await expect(thread(page).getByRole('img', { name: 'Delivered' })).toBeVisible();
  await asCustomer(page, '/api/messages', {
    channel: 'sms',
    provider: 'twilio',
    from: number,
    to: own['Phone number'],
    body: 'And an answer',
  });
  await expect(thread(page).getByText('And an answer')).toBeVisible();

  const again = await openAccount(page, 'Text');
  await again.getByRole('radio', { name: /The platform/ }).check();
  await again.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(
    page.getByRole('region', { name: 'Channels' }).getByText('Your own account'),
  ).toBeHidden();
  expect(errors).toEqual([]);
});

async function openAccount(page: Page, channel: string) {
  await page.goto('/settings');
  await page.getByRole('button', { name: `Change the account of ${channel}` }).click();
  return page.getByRole('dialog', { name: `${channel}: whose account` });
}

async function fill(dialog: ReturnType<Page['locator']>, values: Record<string, string>) {
  for (const [label, value] of Object.entries(values)) {
    await dialog.getByLabel(label, { exact: true }).fill(value);
  }
}
