import { expect, test } from '@playwright/test';

import {
  aNumber,
  aPicture,
  asCustomer,
  attach,
  attached,
  listenForErrors,
  ourAddress,
  picture,
  signUp,
  thread,
  writeTo,
} from './world';

test('pictures go out and come in by text, and what is too large is told before', async ({
  page,
}) => {
  const errors = listenForErrors(page);
  const number = aNumber();
  await signUp(page);
  await writeTo(page, { channel: 'Text', to: number, body: 'Which tyre?' });
  const pdf = { name: 'menu.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(6 << 20) };
  await attach(page, [aPicture, pdf]);
  await expect(attached(page).getByText('PDF of 6 MB: SMS takes at most 5 MB.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeDisabled();
  await page.getByRole('button', { name: 'Remove menu.pdf' }).click();
  await page.reload();
  await expect(attached(page).getByText('bike.png')).toBeVisible();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(thread(page).getByRole('img', { name: 'bike.png' })).toBeVisible();

  await asCustomer(page, '/api/messages', {
    channel: 'sms',
    from: number,
    to: await ourAddress(page, 'sms'),
    body: 'This one',
    attachments: [
      {
        filename: 'tyre.png',
        contentType: 'image/png',
        content: aPicture.buffer.toString('base64'),
      },
    ],
  });
  await expect(thread(page).getByText('This one')).toBeVisible();
  await thread(page)
    .getByRole('button', { name: /^Open / })
    .last()
    .click();
  await expect(page.getByRole('dialog').getByRole('img')).toBeVisible();
  expect(errors).toEqual([]);
});

test('STOP stops messages, and a person can allow them again with a reason', async ({ page }) => {
  const number = aNumber();
  await signUp(page);
  await writeTo(page, { channel: 'Text', to: number, body: 'Hello' });
  const ours = await ourAddress(page, 'sms');
  await asCustomer(page, '/api/messages', { channel: 'sms', from: number, to: ours, body: 'STOP' });
  const note = page.getByRole('region', { name: 'Messages are stopped' });
  await expect(note).toContainText('wrote STOP');
  await picture(page, 'stopped');
  await note.getByRole('button', { name: 'Allow again…' }).click();
  await page.getByLabel('Reason').fill('Asked on the phone to be written to');
  await page.getByRole('button', { name: 'Allow again', exact: true }).click();
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
  await page.goto('/settings/opt-outs?state=all');
  await expect(page.getByText('Asked on the phone to be written to')).toBeVisible();
});
