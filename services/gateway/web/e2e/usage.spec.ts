import { readFile } from 'node:fs/promises';

import { expect, test } from '@playwright/test';

import { accessible, aNumber, listenForErrors, picture, signUp, thread, writeTo } from './world';

test('one sees what was used and what it costs, and sets how much it may be', async ({ page }) => {
  const errors = listenForErrors(page);
  await signUp(page);
  await writeTo(page, { channel: 'Text', to: aNumber(), body: 'This takes one segment' });
  await expect(thread(page).getByRole('img', { name: 'Delivered' })).toBeVisible();

  await page.goto('/settings/usage');
  const texts = page.getByRole('meter', { name: 'Text segments' });
  await expect(texts).toHaveAttribute('aria-valuetext', '1 of 1000');
  await expect(page.getByRole('figure', { name: 'Text segments' })).toBeVisible();
  await expect(page.getByRole('row', { name: /Plan Pro/ })).toContainText('49.00');
  await expect(page.getByRole('listitem').filter({ hasText: 'Your plan' })).toContainText('Pro');
  await accessible(page);
  await picture(page, 'usage');

  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download line by line' }).click();
  const file = await (await downloading).path();
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain(',sms,1,true,platform,');

  await page.getByLabel('Spend cap in USD').fill('25,5');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Billing settings saved', { exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Spend cap in USD')).toHaveValue('25.50');
  await page.getByLabel('Time zone').fill('Nowhere/Land');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert')).toContainText('IANA');
  expect(errors.filter((e) => !e.includes('422'))).toEqual([]);
});

test('an owner chooses a plan and says how it is paid', async ({ page }) => {
  const errors = listenForErrors(page);
  await signUp(page);
  await page.goto('/settings/usage');
  await expect(page.getByText('Nothing is set up')).toBeVisible();
  await page.getByRole('button', { name: 'Choose Enterprise' }).click();
  await expect(page.getByRole('heading', { name: 'How do you pay?' })).toBeVisible();
  await page.getByRole('link', { name: 'Go back' }).click();
  const current = page.getByRole('listitem').filter({ hasText: 'Your plan' });
  await expect(current).toContainText('Pro');

  await page.getByRole('button', { name: 'Choose Enterprise' }).click();
  await page.getByRole('button', { name: 'Use a card that works (4242)' }).click();
  await expect(async () => {
    await page.reload();
    await expect(current).toContainText('Enterprise', { timeout: 1000 });
  }).toPass();
  await expect(page.getByText('charged to the visa ending in 4242')).toBeVisible();
  await accessible(page);
  await picture(page, 'payment');

  await page.getByRole('button', { name: 'Change or remove' }).click();
  await page.getByRole('button', { name: 'Remove the card' }).click();
  await expect(page.getByText('There is no card.')).toBeVisible();
  await page.getByRole('link', { name: 'Go back' }).click();
  await expect(async () => {
    await page.reload();
    await expect(page.getByText('Nothing is set up')).toBeVisible({ timeout: 1000 });
  }).toPass();
  expect(errors).toEqual([]);
});
