import { request } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];

/** What the workspace used in a month. */
export type Usage = Schemas['Usage'];
export type AllowanceUsage = Schemas['AllowanceUsage'];
export type DayUsage = Schemas['DayUsage'];
export type Meter = AllowanceUsage['meter'];
/** What a month costs, in minor units of the currency. */
export type Billing = Schemas['Billing'];
export type BillingLine = Schemas['BillingLine'];
export type Plan = Schemas['Plan'];
/** What was charged for a month. */
export type Invoice = Schemas['Invoice'];
export type TermsChange = Schemas['TermsChange'];

const ofPeriod = (period?: string) => (period ? `?period=${period}` : '');

/** What was used in a month such as 2026-11; the present one when none is given. */
export function getUsage(period?: string, signal?: AbortSignal): Promise<Usage> {
  return request<Usage>('GET', `/api/usage${ofPeriod(period)}`, { signal });
}

/** What a month costs. */
export function getBilling(period?: string, signal?: AbortSignal): Promise<Billing> {
  return request<Billing>('GET', `/api/billing${ofPeriod(period)}`, { signal });
}

/** What was charged, the newest first. */
export async function listInvoices(signal?: AbortSignal): Promise<Invoice[]> {
  const page = await request<Schemas['Invoices']>('GET', '/api/billing/invoices', { signal });
  return page.items;
}

/** Changes the spend cap and the zone whose months count. */
export async function changeTerms(change: TermsChange): Promise<void> {
  await request('PUT', '/api/billing/terms', { body: change });
}

/** Chooses a plan. Answers where to say first how it is paid, or nothing when the plan is there. */
export async function choosePlan(planId: string): Promise<string | undefined> {
  const chosen = await request<Schemas['PlanChosen']>('POST', '/api/billing/plan', {
    body: { planId },
  });
  return chosen.checkoutUrl;
}

/** Where a person says how the workspace pays, or changes that. */
export async function paymentPage(page: 'checkout' | 'portal'): Promise<string> {
  const found = await request<Schemas['PaymentPage']>('POST', `/api/billing/${page}`);
  return found.url;
}

/** Where the ledger of a month is a file. */
export function usageFile(period: string): string {
  return `/api/usage/entries.csv${ofPeriod(period)}`;
}
