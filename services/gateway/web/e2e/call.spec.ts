import { expect, type Page, test } from '@playwright/test';

import { aLeg, aNumber, asCustomer, ourAddress, picture, say, signUp, thread } from './world';

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
  await call(page, number);
  await expect(entry(page, 'Calling')).toBeVisible();
  await picture(page, 'call-ringing');
  await pickUp(page, mine);
  const theirs = await aLeg(page, number, 'ringing');
  await asCustomer(page, `/api/calls/${theirs.id}/answer`);
  await expect(entry(page, 'Outgoing call, in progress')).toBeVisible();
  await asCustomer(page, `/api/calls/${theirs.id}/speak`, {
    text: 'Hello there, is my bike ready to be fetched this afternoon?',
  });
  await asCustomer(page, `/api/calls/${theirs.id}/hang-up`);
  await expect(entry(page, 'Outgoing call')).toContainText(/You · 0:\d\d/);
  await listen(page, 'Recording');
  await picture(page, 'call-recording');

  const ours = await ourAddress(page, 'call');
  await asCustomer(page, '/api/calls', { channel: 'call', from: number, to: ours });
  await expect(entry(page, 'Incoming call, ringing')).toBeVisible();
  await asCustomer(page, `/api/calls/${(await aLeg(page, mine, 'ringing')).id}/decline`);
  const caller = await aLeg(page, number, 'in_progress');
  // What is said during the greeting is on no tape, so it is said until it was heard; then silence ends the message.
  await expect(async () => {
    await say(page, caller.id, 'please call me back');
    const play = thread(page).getByRole('button', { name: 'Play Voicemail' });
    await expect(play).toBeVisible({ timeout: 10_000 });
  }).toPass();
  await listen(page, 'Voicemail');
  await expect(page.getByRole('list', { name: 'Conversations' })).toContainText('Voicemail');
  await picture(page, 'calls');
});

test('a call that nobody takes says why and what to do', async ({ page }) => {
  const mine = aNumber('5678');
  await signUp(page);
  await page.goto('/inbox/calls');
  await page.getByRole('button', { name: 'New message' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New message' });
  await dialog.getByLabel('To', { exact: true }).fill('+1 405');
  await dialog.getByLabel('Your phone').fill(mine);
  await dialog.getByRole('button', { name: 'Save and go on' }).click();
  await expect(dialog.getByRole('button', { name: 'Call', exact: true })).toBeDisabled();
  await expect(dialog.getByText(/^Enter an international number/)).toBeVisible();
  await picture(page, 'call-wrong-number');
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  await call(page, aNumber('0003'));
  await pickUp(page, mine);
  await expect(entry(page, 'Outgoing call, busy')).toContainText('line was busy');
  await expect(entry(page, 'Outgoing call, busy')).toContainText('Try again later');
  await picture(page, 'call-busy');

  await call(page, aNumber('0002'));
  await pickUp(page, mine);
  await expect(entry(page, 'Outgoing call failed')).toContainText('could not connect the call');
  await expect(entry(page, 'Outgoing call failed')).toContainText('Check the number');
  await picture(page, 'call-failed');

  const number = aNumber();
  await call(page, number);
  await pickUp(page, mine);
  await aLeg(page, number, 'ringing');
  await asCustomer(page, `/api/calls/${(await aLeg(page, mine, 'in_progress')).id}/hang-up`);
  const missed = thread(page).getByRole('article', {
    name: /^Outgoing call, (no answer|canceled)$/,
  });
  await expect(missed).toContainText(/before anybody answered|did not take the call/);
  await expect(page.getByText('The last message failed')).toHaveCount(3);

  await missed.getByRole('button', { name: 'Call again' }).click();
  const again = page.getByRole('dialog', { name: /^Call / });
  await again.getByRole('button', { name: 'Call', exact: true }).click();
  await asCustomer(page, `/api/calls/${(await aLeg(page, mine, 'ringing')).id}/decline`);
  await expect(entry(page, 'Outgoing call, busy')).toContainText('the customer was not called');
  await picture(page, 'call-no-answer');
});

/** Calls somebody by number. */
async function call(page: Page, number: string): Promise<void> {
  await page.getByRole('button', { name: 'New message' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New message' });
  await dialog.getByText('Call', { exact: true }).first().click();
  await dialog.getByLabel('To', { exact: true }).fill(number);
  await dialog.getByRole('button', { name: 'Call', exact: true }).click();
  await expect(dialog).toBeHidden();
}

/** Picks the phone up that rings first. */
async function pickUp(page: Page, phone: string): Promise<void> {
  await asCustomer(page, `/api/calls/${(await aLeg(page, phone, 'ringing')).id}/answer`);
}

/** What the thread shows of a call. */
function entry(page: Page, name: string) {
  return thread(page).getByRole('article', { name, exact: true });
}

/** Plays what was recorded, and jumps in it. */
async function listen(page: Page, label: string): Promise<void> {
  const player = thread(page).getByRole('group', { name: label });
  await player.getByRole('button', { name: `Play ${label}` }).click();
  await expect(player.getByRole('button', { name: `Pause ${label}` })).toBeVisible();
  const audio = player.locator('audio');
  await expect
    .poll(() => audio.evaluate((element: HTMLAudioElement) => element.currentTime))
    .toBeGreaterThan(0);
  const url = await player.getByRole('link', { name: `Download ${label}` }).getAttribute('href');
  const part = await page.request.get(url ?? '', { headers: { Range: 'bytes=10-29' } });
  expect(part.status()).toBe(206);
  expect(await part.body()).toHaveLength(20);
}
