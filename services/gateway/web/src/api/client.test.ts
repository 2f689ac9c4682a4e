import { afterEach, expect, test, vi } from 'vitest';

import { request, whenUnauthorized } from './client';
import { NetworkError, ProblemError } from './problem';

afterEach(() => vi.unstubAllGlobals());

function answer(status: number, body: string, headers: Record<string, string> = {}) {
  const fetch = vi.fn<(url: string, init: RequestInit) => Promise<Response>>(() =>
    Promise.resolve(new Response(status === 204 ? null : body, { status, headers })),
  );
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('a problem becomes an error with its code, its sentence and its fields', async () => {
  const problem = {
    code: 'invalid_request',
    detail: 'The request is not valid.',
    errors: [{ location: 'body.to', field: 'to', message: 'is not a number' }],
  };
  answer(422, JSON.stringify(problem), { 'Retry-After': '7' });
  const error = await failure(request('POST', '/api/communications', { body: {} }));
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({ status: 422, code: 'invalid_request', retryAfterSeconds: 7 });
  expect((error as ProblemError).message).toBe('The request is not valid.');
  expect((error as ProblemError).field('to')).toBe('is not a number');
});

test('what one can do about a problem follows the reason', async () => {
  const detail = 'ana@example.com cannot be written to since 1 March: no such mailbox';
  answer(422, JSON.stringify({ code: 'suppressed', detail, remedy: 'Check the address.' }));
  const error = await failure(request('POST', '/api/communications', { body: {} }));
  expect(error).toHaveProperty('message', `${detail}. Check the address.`);
});

test('an answer that is no problem document still says something', async () => {
  answer(503, '<html>bad gateway</html>');
  const error = await failure(request('GET', '/api/me'));
  expect(error).toMatchObject({
    status: 503,
    message: 'The service is busy. Try again in a moment.',
  });
});

test('no answer is a network error', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed to fetch')));
  expect(await failure(request('GET', '/api/me'))).toBeInstanceOf(NetworkError);
});

test('every changing request carries an idempotency key, the given one if there is one', async () => {
  const fetch = answer(202, '{}');
  await request('POST', '/api/x', { body: {}, idempotencyKey: 'k1' });
  await request('PATCH', '/api/x', { body: {} });
  await request('GET', '/api/x');
  const keys = fetch.mock.calls.map(([, init]) => new Headers(init.headers).get('Idempotency-Key'));
  expect(keys[0]).toBe('k1');
  expect(keys[1]).toMatch(/^[0-9a-f-]{32,36}$/);
  expect(keys[2]).toBeNull();
});

test('what is not set is left out of the query', async () => {
  const fetch = answer(200, '{}');
  await request('GET', '/api/x', { query: { a: 'b c', no: undefined, empty: '', yes: true } });
  expect(fetch.mock.calls[0]?.[0]).toBe('/api/x?a=b+c&yes=true');
});

test('an ended session is reported, a wrong password is not', async () => {
  const ended = vi.fn();
  whenUnauthorized(ended);
  answer(401, '{}');
  await failure(request('POST', '/api/auth/login', { body: {} }));
  expect(ended).not.toHaveBeenCalled();
  await failure(request('GET', '/api/conversations'));
  expect(ended).toHaveBeenCalledOnce();
});

test('an empty answer is undefined', async () => {
  answer(204, '');
  await expect(request('POST', '/api/auth/logout')).resolves.toBeUndefined();
});
