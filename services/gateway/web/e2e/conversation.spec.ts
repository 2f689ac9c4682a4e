import { expect, test } from '@playwright/test';

import {
  aNumber,
  anAddress,
  customer,
  listenForErrors,
  picture,
  signUp,
  thread,
  writeTo,
} from './world';

test('a text goes out, is delivered, and its answer appears in the open thread', async ({
  page,
}) => {
  const errors = listenForErrors(page);
  const number = aNumber();
  await signUp(page);
  await picture(page, 'empty');
  await writeTo(page, { channel: 'Text', to: number, body: 'Your bike is ready ✓ grüße' });
  await expect(thread(page).getByRole('listitem').getByText('Your bike is ready ✓')).toBeVisible();

  const theirs = await customer(page, { phone: number });
  const phone = theirs.getByRole('region', { name: 'Phone' });
  await expect(phone.getByText('Your bike is ready ✓ grüße')).toBeVisible();
  await expect(thread(page).getByRole('img', { name: 'Delivered' })).toBeVisible();

  await phone.getByRole('textbox', { name: 'Reply' }).fill('On my way, thanks!');
  await phone.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(thread(page).getByText('On my way, thanks!')).toBeVisible();
  await picture(theirs, 'sandbox-phone');

  const answer = page.getByRole('textbox', { name: 'Message' });
  await answer.fill('See you then');
  await answer.press('Enter');
  await expect(phone.getByText('See you then')).toBeVisible();
  await expect(thread(page).getByRole('img', { name: 'Delivered' })).toHaveCount(2);
  await expect(page.getByRole('list', { name: 'Conversations' }).getByRole('listitem')).toHaveCount(
    1,
  );
  await picture(page, 'text');
  expect(errors).toEqual([]);
});

test('a mail goes out, is delivered, and its answer stays in the thread', async ({ page }) => {
  const address = anAddress();
  await signUp(page);
  await writeTo(page, {
    channel: 'Email',
    to: address,
    subject: 'Order 20881',
    body: 'Hello,\n\nthe pedals leave today.',
  });
  const theirs = await customer(page, { mail: address });
  const mailbox = theirs.getByRole('region', { name: 'Mailbox' });
  await expect(mailbox.getByRole('heading', { name: 'Order 20881' })).toBeVisible();
  await expect(thread(page).getByRole('img', { name: /Delivered|Opened/ })).toBeVisible();

  await mailbox.getByRole('textbox', { name: 'Reply' }).fill('That is very kind!');
  await mailbox.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(thread(page).getByText('That is very kind!')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Subject' })).toHaveValue('Re: Order 20881');
  await expect(page.getByRole('list', { name: 'Conversations' }).getByRole('listitem')).toHaveCount(
    1,
  );
  await picture(theirs, 'sandbox-mailbox');
  await picture(page, 'mail');
});

test('a message that does not arrive says why and what to do', async ({ page }) => {
  await signUp(page);
  await writeTo(page, { channel: 'Text', to: aNumber('0002'), body: 'Are you there?' });
  await expect(thread(page).getByRole('img', { name: 'Not delivered' })).toBeVisible();
  await expect(thread(page).getByText('Provider code 30003')).toBeVisible();
  await expect(page.getByText('The last message failed')).toBeAttached();
  await picture(page, 'failed');
});

test('every step of a message is told', async ({ page }) => {
  await signUp(page);
  await writeTo(page, { channel: 'Text', to: aNumber(), body: 'Step by step' });
  await expect(thread(page).getByRole('img', { name: 'Delivered' })).toBeVisible();
  await thread(page).getByRole('button', { name: 'Journey of this message' }).click();
  const steps = page.getByRole('list', { name: 'Steps' }).getByRole('listitem');
  await expect(steps.nth(2)).toBeVisible();
  await picture(page, 'journey');
});

test('a conversation that is elsewhere turns unread, and read by opening it', async ({ page }) => {
  const number = aNumber();
  await signUp(page);
  await writeTo(page, { channel: 'Text', to: number, body: 'Hello' });
  await expect(thread(page).getByRole('img', { name: 'Delivered' })).toBeVisible();
  await page.getByRole('link', { name: 'All', exact: true }).click();

  const theirs = await customer(page, { phone: number });
  const phone = theirs.getByRole('region', { name: 'Phone' });
  await expect(phone.getByText('Hello', { exact: true })).toBeVisible();
  await phone.getByRole('textbox', { name: 'Reply' }).fill('Who is this?');
  await phone.getByRole('button', { name: 'Send', exact: true }).click();

  const row = page.getByRole('list', { name: 'Conversations' }).getByRole('link');
  await expect(row).toContainText('Who is this?');
  await expect(row).toContainText('Unread');
  await page.bringToFront();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(thread(page).getByText('Who is this?')).toBeVisible();
  await expect(row).not.toContainText('Unread');
});
