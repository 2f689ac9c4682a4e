import { expect, type Page, test } from '@playwright/test';

import {
  aLeg,
  aNumber,
  anAddress,
  aPicture,
  asCustomer,
  listenForErrors,
  ourAddress,
  picture,
  say,
  signUp,
  thread,
  writeTo,
} from './world';

const attached = (page: Page) => page.getByRole('list', { name: 'Attached files' });

async function attach(
  page: Page,
  files: Parameters<ReturnType<Page['getByLabel']>['setInputFiles']>[0],
) {
  await page.getByRole('form', { name: 'Answer' }).getByLabel('Choose files').setInputFiles(files);
}

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

test('WhatsApp begins with a template, and is free once the customer has written', async ({
  page,
}) => {
  const number = aNumber();
  await signUp(page);
  await page.getByRole('button', { name: 'New message' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New message' });
  await dialog.getByText('WhatsApp', { exact: true }).click();
  await dialog.getByLabel('To', { exact: true }).fill(number);
  await dialog.getByRole('button', { name: /Order update.*en_US/ }).click();
  await dialog.getByLabel('Value 1').fill('Ana');
  await dialog.getByLabel('Value 2').fill('A-7');
  await dialog.getByRole('button', { name: 'Send template' }).click();
  await expect(thread(page).getByText(/Hello Ana, your order A-7/)).toBeVisible();
  await expect(thread(page).getByRole('img', { name: /Delivered|Read/ })).toBeVisible();
  await expect(page.getByText(/WhatsApp takes only a template/)).toBeVisible();

  const ours = await ourAddress(page, 'whatsapp');
  await asCustomer(page, '/api/messages', {
    channel: 'whatsapp',
    from: number,
    to: ours,
    body: 'Great',
  });
  await expect(page.getByText(/Open for free answers/)).toBeVisible();
  await page.getByRole('textbox', { name: 'Message' }).fill('See you');
  await page.getByRole('textbox', { name: 'Message' }).press('Enter');
  await expect(thread(page).getByText('See you')).toBeVisible();
  await expect(thread(page).getByRole('img', { name: /Delivered|Read/ })).toHaveCount(2);
  await picture(page, 'whatsapp');
});

test('a call is placed, comes in and leaves a voicemail', async ({ page }) => {
  test.slow();
  const number = aNumber('4321');
  const mine = aNumber('5678');
  await signUp(page);
  await page.goto('/settings/calls');
  await page.getByRole('button', { name: 'Add my phone' }).click();
  await page.getByLabel(/^Phone of/).fill(mine);
  await page.getByRole('switch', { name: 'Record calls' }).click();
  await page.getByLabel('Announcement').fill('This call is recorded.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Settings for calls saved').first()).toBeVisible();
  await picture(page, 'settings-calls');

  await page.goto('/inbox/calls');
  await page.getByRole('button', { name: 'New message' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New message' });
  await dialog.getByText('Call', { exact: true }).first().click();
  await dialog.getByLabel('To', { exact: true }).fill(number);
  await dialog.getByRole('button', { name: 'Call', exact: true }).click();
  await asCustomer(page, `/api/calls/${(await aLeg(page, mine, 'ringing')).id}/answer`);
  const theirs = await aLeg(page, number, 'ringing');
  await asCustomer(page, `/api/calls/${theirs.id}/answer`);
  await expect(thread(page).getByText('Outgoing call, in progress')).toBeVisible();
  await asCustomer(page, `/api/calls/${theirs.id}/speak`, { text: 'hello there' });
  await asCustomer(page, `/api/calls/${theirs.id}/hang-up`);
  await expect(
    thread(page).getByRole('article', { name: 'Outgoing call', exact: true }),
  ).toBeVisible();

  const ours = await ourAddress(page, 'call');
  await asCustomer(page, '/api/calls', { channel: 'call', from: number, to: ours });
  await expect(thread(page).getByText('Incoming call, ringing')).toBeVisible();
  await asCustomer(page, `/api/calls/${(await aLeg(page, mine, 'ringing')).id}/decline`);
  const caller = await aLeg(page, number, 'in_progress');
  // What is said during the greeting is on no tape, so it is said until it was heard; then silence ends the message.
  await expect(async () => {
    await say(page, caller.id, 'please call me back');
    const play = thread(page).getByRole('button', { name: 'Play Voicemail' });
    await expect(play).toBeVisible({ timeout: 10_000 });
  }).toPass();
  await expect(page.getByRole('list', { name: 'Conversations' })).toContainText('Voicemail');
  await picture(page, 'calls');
});
