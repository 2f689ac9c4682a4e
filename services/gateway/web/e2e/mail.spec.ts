import { truncate, writeFile } from 'node:fs/promises';

import { expect, test } from '@playwright/test';

import {
  anAddress,
  aPicture,
  asCustomer,
  attach,
  attached,
  customer,
  listenForErrors,
  ourAddress,
  picture,
  signUp,
  thread,
  writeTo,
} from './world';

test('mails have copies, files and pictures in the text', async ({ page }) => {
  const errors = listenForErrors(page);
  await signUp(page);
  const offer = { channel: 'Email', to: anAddress(), subject: 'Offer', body: 'Hello' } as const;
  await writeTo(page, offer);
  await expect(thread(page).getByRole('img', { name: /Delivered|Opened/ })).toBeVisible();
  await page.getByRole('button', { name: 'Add Cc' }).click();
  await page.getByRole('textbox', { name: 'Cc' }).fill('buying@example.net,');
  await page.getByRole('textbox', { name: 'Message' }).fill('See ');
  await page.getByRole('textbox', { name: 'Message' }).evaluate((box, base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], 'image.png', { type: 'image/png' }));
    box.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
    );
  }, aPicture.buffer.toString('base64'));
  await attach(page, {
    name: 'offer.pdf',
    mimeType: 'application/pdf',
    buffer: Buffer.from('%PDF-1.4'),
  });
  await expect(attached(page).getByText('in the text')).toBeVisible();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const frame = thread(page).frameLocator('iframe');
  await expect(frame.getByRole('img', { name: 'image.png' })).toBeVisible();
  await expect(thread(page).getByRole('link', { name: /offer\.pdf/ })).toBeVisible();
  await expect(thread(page).getByText('buying@example.net')).toBeVisible();
  await expect(thread(page).getByRole('img', { name: /Delivered|Opened/ })).toHaveCount(2);
  await picture(page, 'mail-html');
  expect(errors).toEqual([]);
});

test('a mail of a stranger is drawn without running or fetching anything', async ({ page }) => {
  const errors = listenForErrors(page);
  const fetched: string[] = [];
  await page.route('https://tracker.example.net/**', (route) => {
    fetched.push(route.request().url());
    return route.fulfill({ contentType: 'image/png', body: aPicture.buffer });
  });
  await signUp(page);
  await asCustomer(page, '/api/messages', {
    channel: 'email',
    from: anAddress(),
    to: await ourAddress(page, 'email'),
    subject: 'Catalogue',
    body: 'Our catalogue',
    html: `<h2 style="color: #036">Our <i>catalogue</i></h2><script>document.title = 'broken'</script>
      <p onclick="document.title = 'broken'">Spring <a href="javascript:document.title='broken'">offers</a></p>
      <img alt="Logo" width="120" height="40" src="https://tracker.example.net/logo.png">
      <style>h2 { background: url(https://tracker.example.net/style.png) }</style>`,
  });
  await page.getByRole('list', { name: 'Conversations' }).getByRole('link').click();
  const frame = thread(page).frameLocator('iframe');
  await expect(frame.getByRole('heading', { name: 'Our catalogue' })).toBeVisible();
  await frame.getByText('offers').click();
  await expect(page).not.toHaveTitle('broken');
  await picture(page, 'mail-held');
  expect(fetched).toEqual([]);
  await thread(page).getByRole('button', { name: 'Show images' }).click();
  await expect.poll(() => fetched).toEqual(['https://tracker.example.net/logo.png']);
  await expect(frame.getByRole('img', { name: 'Logo' })).toBeVisible();
  await picture(page, 'mail-shown');
  expect(errors).toEqual([]);
});

test('a mail that comes back says why, and the address is written to again only when a person says so', async ({
  page,
}) => {
  const address = `bounce-${anAddress()}`;
  await signUp(page);
  await writeTo(page, { channel: 'Email', to: address, subject: 'Offer', body: 'Our prices.' });
  const first = thread(page).getByRole('listitem').filter({ hasText: 'Our prices.' });
  await expect(first.getByRole('img', { name: 'Bounced' })).toBeVisible();
  await expect(first.getByText(/^Bounced: .* there is no such mailbox/)).toBeVisible();
  await expect(first.getByText(/^Check the address/)).toBeVisible();
  await expect(page.getByText('The last message failed')).toBeAttached();
  const note = page.getByRole('region', { name: 'Messages are stopped' });
  await expect(note).toContainText('came back for good');
  await picture(page, 'mail-bounced');

  await page.getByRole('button', { name: 'New message' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New message' });
  await dialog.getByText('Email', { exact: true }).click();
  await dialog.getByLabel('To', { exact: true }).fill(address);
  await dialog.getByLabel('Subject').fill('Offer');
  await dialog.getByLabel('Message').fill('Once more.');
  await dialog.getByRole('button', { name: 'Send' }).click();
  await expect(dialog.getByRole('alert')).toContainText('cannot be written to since');
  await expect(dialog.getByRole('alert')).toContainText('Check the address');
  await picture(page, 'mail-suppressed');
  await dialog.getByRole('button', { name: 'Allow again…' }).click();
  await page.getByLabel('Reason').fill('They have a new mailbox');
  await picture(page, 'mail-allow');
  await page.getByRole('button', { name: 'Allow again', exact: true }).click();
  await expect(page.getByText('Messages are allowed again').first()).toBeVisible();
  await dialog.getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('textbox', { name: 'Message' }).fill('Do you read this?');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const second = thread(page).getByRole('listitem').filter({ hasText: 'Do you read this?' });
  await expect(second.getByRole('img', { name: 'Failed' })).toBeVisible();
  await expect(second.getByText(/suppression list/)).toBeVisible();
  await picture(page, 'mail-held-back');
});

test('what the customer does with a mail is told, and files come with the answer', async ({
  page,
}) => {
  const address = anAddress();
  await signUp(page);
  await writeTo(page, { channel: 'Email', to: address, subject: 'Offer', body: 'Our prices.' });
  const theirs = await customer(page, { mail: address });
  const mailbox = theirs.getByRole('region', { name: 'Mailbox' });
  await mailbox.getByRole('button', { name: 'Open', exact: true }).click();
  await expect(thread(page).getByRole('img', { name: 'Opened' })).toBeVisible();
  await mailbox.getByRole('button', { name: 'Follow a link' }).click();
  await expect(thread(page).getByRole('img', { name: 'Clicked' })).toBeVisible();
  await mailbox.getByLabel('Files of the answer').setInputFiles([
    { name: 'order.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4') },
    { ...aPicture, name: 'bike.png' },
  ]);
  await mailbox.getByRole('textbox', { name: 'Reply' }).fill('We take ten.');
  await mailbox.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(thread(page).getByText('We take ten.')).toBeVisible();
  await expect(thread(page).getByRole('link', { name: /order\.pdf/ })).toBeVisible();
  const seen = thread(page).getByRole('img', { name: 'bike.png' });
  await expect.poll(() => seen.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(10);
  await picture(page, 'mail-files');
});

test('files that e-mail does not take are told before anything is sent', async ({ page }, info) => {
  await signUp(page);
  await writeTo(page, { channel: 'Email', to: anAddress(), subject: 'Film', body: 'It is done.' });
  const film = info.outputPath('film.mp4');
  await writeFile(film, '');
  await truncate(film, 30 << 20);
  await attach(page, film);
  await expect(attached(page)).toContainText('Video of 30 MB: e-mail takes at most 29 MB');
  await attach(page, {
    name: 'setup.exe',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from('MZ'),
  });
  await expect(attached(page)).toContainText('Files that end with .exe cannot be sent');
  await page.getByRole('textbox', { name: 'Message' }).fill('See the film');
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeDisabled();
  await picture(page, 'mail-file-refused');
});
