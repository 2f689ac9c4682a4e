import { expect, type Page, type Route, test } from '@playwright/test';

import {
  allTold,
  aNumber,
  aPicture,
  asCustomer,
  attach,
  attached,
  customer,
  listenForErrors,
  misbehave,
  ourAddress,
  picture,
  signUp,
  thread,
} from './world';

/** The provider takes a message, and neither answers nor tells what became of it. */
const lostAnswer = { provider: 'meta', dropResponses: true, failCount: 1, dropCallbacks: true };

test.afterEach(({ page }) => misbehave(page, { provider: 'meta' }));

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

test('files go out and come in on WhatsApp, and that the customer has read is shown', async ({
  page,
}) => {
  const errors = listenForErrors(page);
  const number = aNumber();
  await signUp(page);
  await begin(page, number);
  const pdf = { name: 'menu.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4') };
  await attach(page, { name: 'all.zip', mimeType: 'application/zip', buffer: Buffer.from('PK') });
  await expect(attached(page)).toContainText('ZIP: WhatsApp takes only pictures');
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeDisabled();
  await picture(page, 'whatsapp-file-refused');
  await page.getByRole('button', { name: 'Remove all.zip' }).click();
  await attach(page, aPicture);
  await page.getByRole('textbox', { name: 'Message' }).fill('This one?');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(thread(page).getByRole('img', { name: 'bike.png' })).toBeVisible();
  await attach(page, pdf);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(thread(page).getByRole('link', { name: /menu\.pdf/ })).toBeVisible();
  await expect(thread(page).getByRole('img', { name: 'Delivered' })).toHaveCount(2);

  const theirs = await customer(page, { phone: number });
  const phone = theirs.getByRole('region', { name: 'Phone' });
  await phone.getByRole('button', { name: 'WhatsApp' }).click();
  await expect(phone.getByText('This one?')).toBeVisible();
  await expect(thread(page).getByRole('img', { name: 'Read' })).toHaveCount(2);
  const picked = phone.getByLabel('Picture or file');
  let taken: Route | undefined;
  await theirs.route('**/api/messages', (route) => void (taken = route), { times: 1 });
  await picked.setInputFiles({ ...aPicture, name: 'mine.png' });
  await phone.getByRole('button', { name: 'Send', exact: true }).click();
  await expect.poll(() => taken).toBeDefined();
  await picked.setInputFiles({ ...pdf, name: 'list.pdf' }); // while the picture is on its way
  await taken?.continue();
  await phone.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(thread(page).getByRole('img', { name: /png|Picture/ })).toHaveCount(2);
  await expect(thread(page).getByRole('link', { name: /list\.pdf/ })).toBeVisible();
  await picture(theirs, 'sandbox-whatsapp');
  await picture(page, 'whatsapp-files');
  expect(errors).toEqual([]);
});

test('a WhatsApp message that does not arrive says why and what to do', async ({ page }) => {
  await signUp(page);
  await begin(page, aNumber('0002'));
  await page.getByRole('textbox', { name: 'Message' }).fill('Are you there?');
  await page.getByRole('textbox', { name: 'Message' }).press('Enter');
  await expect(thread(page).getByRole('img', { name: 'Failed' })).toBeVisible();
  await expect(thread(page).getByText('Use another channel.')).toBeVisible();
  await picture(page, 'whatsapp-failed');
});

test('what nobody knows to have arrived is for a person to decide, and who did is told', async ({
  page,
}) => {
  const number = aNumber();
  await signUp(page);
  await begin(page, number);
  const box = page.getByRole('textbox', { name: 'Message' });
  const note = thread(page).getByRole('group', { name: 'Outcome unknown' });
  await misbehave(page, lostAnswer);
  await box.fill('Your bike is ready');
  await box.press('Enter');
  await expect(note).toContainText('It may have arrived');
  await note.getByRole('button', { name: 'Ask the provider' }).click();
  await expect(note.getByRole('status')).toContainText('cannot be asked about this message');
  await picture(page, 'unknown');
  await note.getByRole('button', { name: 'It arrived' }).click();
  await expect(thread(page).getByRole('img', { name: 'Sent', exact: true })).toBeVisible();
  await expect(note).toBeHidden();
  await thread(page).getByRole('button', { name: 'Journey of this message' }).last().click();
  const steps = page.getByRole('list', { name: 'Steps' });
  await expect(steps).toContainText('Workspace Owner decided that it arrived.');
  await picture(page, 'unknown-journey');
  await page.keyboard.press('Escape');

  await misbehave(page, lostAnswer);
  await box.fill('We close at six');
  await box.press('Enter');
  await note.getByRole('button', { name: 'Send again…' }).click();
  await allTold(page); // else a state that comes now would settle it
  await misbehave(page, { provider: 'meta' });
  await picture(page, 'unknown-again');
  await page.getByRole('button', { name: 'Send again', exact: true }).click();
  await expect(thread(page).getByRole('img', { name: 'Delivered' })).toBeVisible();
});

/** A conversation that the customer began, so that it can be answered freely. */
async function begin(page: Page, number: string): Promise<void> {
  const ours = await ourAddress(page, 'whatsapp');
  const hello = { channel: 'whatsapp', from: number, to: ours, body: 'Hello' };
  await asCustomer(page, '/api/messages', hello);
  await page.getByRole('list', { name: 'Conversations' }).getByRole('link').click();
  await expect(page.getByText(/Open for free answers/)).toBeVisible();
}
