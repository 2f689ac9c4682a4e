import { expect, test } from '@playwright/test';

import { picture, signUp } from './world';

test('one who is not logged in is asked to, and comes back to where they wanted to go', async ({
  page,
}) => {
  const { email, password } = await signUp(page);
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible();

  await page.goto('/settings');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Sandbox' })).toHaveCount(4);
  await picture(page, 'settings');
});

test('an API key is shown once and can be revoked', async ({ page }) => {
  await signUp(page);
  await page.goto('/settings');
  await page.getByLabel('Name of the new key').fill('Online shop');
  await page.getByRole('button', { name: 'Create key' }).click();
  await expect(page.getByLabel('New API key')).toHaveValue(/^ck_/);
  await page.reload();
  await expect(page.getByRole('list', { name: 'API keys' }).getByText('Online shop')).toBeVisible();
  await expect(page.getByLabel('New API key')).toHaveCount(0);
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('button', { name: 'Revoke key' }).click();
  await expect(page.getByText('No keys yet.')).toBeVisible();
});

test('the page is whole on a phone and in the dark', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  await signUp(page);
  await page.getByRole('link', { name: 'Neptune' }).click();
  await expect(page.getByText('Neptune is not available yet')).toBeVisible();
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
  await picture(page, 'phone-dark');
});
