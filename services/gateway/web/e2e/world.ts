import { randomInt, randomUUID } from 'node:crypto';
import { join } from 'node:path';

import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const sandboxUrl = process.env.E2E_SANDBOX_URL ?? 'http://127.0.0.1:8090';

/** Somebody new with a workspace of their own, logged in. */
export async function signUp(page: Page): Promise<{ email: string; password: string }> {
  const email = `owner-${randomUUID().slice(0, 8)}@example.com`;
  const password = 'a long enough password';
  await page.goto('/signup');
  await page.getByLabel('Your name').fill('Workspace Owner');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Workspace').fill('Demo workspace');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Create workspace' }).click();
  await expect(page.getByText('No conversations yet')).toBeVisible();
  return { email, password };
}

/** A customer's phone number nobody else uses. Its end has no meaning to the sandbox. */
export function aNumber(end = String(randomInt(1000, 9999))): string {
  return `+1405${randomInt(200, 999)}${end}`;
}

/** A number that every account of the sandbox owns, and no workspace has. */
export function aNumberOfOurs(): string {
  return `+15009${randomInt(10, 99)}${randomInt(1000, 9999)}`;
}

/** A customer's mail address nobody else uses. */
export function anAddress(): string {
  return `customer-${randomUUID().slice(0, 8)}@example.net`;
}

/** The customer's side: the page with a phone and a mailbox. */
export async function customer(page: Page, of: { phone?: string; mail?: string }): Promise<Page> {
  const theirs = await page.context().newPage();
  await theirs.goto(`${sandboxUrl}/?${new URLSearchParams(of).toString()}`);
  return theirs;
}

/** Does something as the customer, without the customer's page. */
export async function asCustomer(page: Page, path: string, body: unknown = {}): Promise<void> {
  const answer = await page.request.post(`${sandboxUrl}${path}`, { data: body });
  expect(answer.ok(), await answer.text()).toBe(true);
}

/** Enters an address at a provider, as one does on its page. */
export async function enterWebhook(page: Page, provider: string, url: string): Promise<void> {
  const answer = await page.request.put(`${sandboxUrl}/api/webhooks`, { data: { provider, url } });
  expect(answer.ok(), await answer.text()).toBe(true);
}

/** Fails on what keeps people out: serious findings of axe, by WCAG 2.2 AA. */
export async function accessible(page: Page): Promise<void> {
  const found = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze();
  const serious = found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
  expect(serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([]);
}

/** Makes a provider do wrong from now on; without a fault it behaves again. */
export async function misbehave(
  page: Page,
  rule: { provider: string } & Record<string, unknown>,
): Promise<void> {
  const answer = await page.request.put(`${sandboxUrl}/api/faults`, { data: rule });
  expect(answer.ok(), await answer.text()).toBe(true);
}

/** Waits until the providers have told, or lost, everything they had to tell. */
export async function allTold(page: Page): Promise<void> {
  const waiting = async () => {
    const answer = await page.request.get(`${sandboxUrl}/api/journal?limit=1`);
    return ((await answer.json()) as { waiting: number }).waiting;
  };
  await expect.poll(waiting).toBe(0);
}

/** Says something into a phone; a call that is over by then hears nothing. */
export async function say(page: Page, leg: string, text: string): Promise<void> {
  await page.request.post(`${sandboxUrl}/api/calls/${leg}/speak`, { data: { text } });
}

/** A phone that is in a call, or rings: its state, and what to call it in requests. */
interface Leg {
  id: string;
  state: string;
}

/** The newest call of a phone, once it is in a state. */
export async function aLeg(page: Page, number: string, state: string): Promise<Leg> {
  const url = `${sandboxUrl}/api/calls?${new URLSearchParams({ number }).toString()}`;
  let leg: Leg | undefined;
  await expect(async () => {
    const { items } = (await (await page.request.get(url)).json()) as { items: Leg[] };
    leg = items.find((each) => each.state === state);
    expect(leg).toBeDefined();
  }).toPass();
  if (!leg) throw new Error(`${number} is not ${state}`);
  return leg;
}

/** The address of the workspace on a channel. */
export async function ourAddress(page: Page, channel: string): Promise<string> {
  const answer = await page.request.get('/api/settings/communications');
  const { channels } = (await answer.json()) as { channels: { channel: string; from: string }[] };
  return channels.find((each) => each.channel === channel)?.from ?? '';
}

/** A picture of one colour, as a file to attach. */
export const aPicture = {
  name: 'bike.png',
  mimeType: 'image/png',
  buffer: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CABzGMSjNgCQB4gGOdvY0PZgAAAABJRU5ErkJggg==',
    'base64',
  ),
};

/** The files of what is being written. */
export function attached(page: Page) {
  return page.getByRole('list', { name: 'Attached files' });
}

/** Chooses files for the answer, as the file dialog of the browser does. */
export async function attach(
  page: Page,
  files: Parameters<ReturnType<Page['getByLabel']>['setInputFiles']>[0],
): Promise<void> {
  await page.getByRole('form', { name: 'Answer' }).getByLabel('Choose files').setInputFiles(files);
}

/** Writes the first message to somebody. */
export async function writeTo(
  page: Page,
  message: { channel: 'Text' | 'Email'; to: string; subject?: string; body: string },
): Promise<void> {
  await page.getByRole('button', { name: 'New message' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New message' });
  await dialog.getByText(message.channel, { exact: true }).click();
  await dialog.getByLabel('To').fill(message.to);
  if (message.subject) await dialog.getByLabel('Subject').fill(message.subject);
  await dialog.getByLabel('Message').fill(message.body);
  await dialog.getByRole('button', { name: 'Send' }).click();
  await expect(dialog).toBeHidden();
}

/** Puts a picture of the page where whoever runs the tests wants to look at it. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.E2E_SCREENSHOTS;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}

/** Makes the test fail on anything the page complains about, a refused script or style included. */
export function listenForErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) errors.push(message.text());
  });
  return errors;
}

/** The messages of the open conversation. */
export function thread(page: Page) {
  return page.getByRole('region', { name: 'Messages', exact: true });
}
