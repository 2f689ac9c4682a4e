import { NetworkError, problemFrom } from './problem';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type QueryValue = string | number | boolean | undefined;

export interface RequestOptions {
  query?: Record<string, QueryValue>;
  body?: unknown;
  /** The same key with the same body is the same request, however often it is sent. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

let onUnauthorized: () => void = () => undefined;

/** Registers what happens when the session has ended. */
export function whenUnauthorized(handler: () => void): void {
  onUnauthorized = handler;
}

/** Sends one request to the gateway: the only fetch of the page. It throws ProblemError or NetworkError. */
export async function request<T>(
  method: Method,
  path: string,
  options: RequestOptions = {},
): Promise<T> {
  const response = await exchange(method, path, options);
  const body = await readBody(response);
  if (response.ok) return body as T;
  if (response.status === 401 && !path.startsWith('/api/auth/')) onUnauthorized();
  throw problemFrom(response.status, body, response.headers.get('Retry-After'));
}

export interface UploadOptions extends Omit<RequestOptions, 'body'> {
  /** From 0 to 1. */
  onProgress?: (share: number) => void;
}

/** Sends a form with files. Only XMLHttpRequest tells how far an upload has come. */
export function upload<T>(path: string, form: FormData, options: UploadOptions = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const exchange = new XMLHttpRequest();
    const cancel = () => exchange.abort();
    exchange.open('POST', path + queryString(options.query));
    exchange.setRequestHeader('Accept', 'application/json, application/problem+json');
    exchange.setRequestHeader('Idempotency-Key', options.idempotencyKey ?? newKey());
    exchange.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0)
        options.onProgress?.(event.loaded / event.total);
    };
    exchange.onload = () => {
      const body = parse(exchange.responseText);
      if (exchange.status >= 200 && exchange.status < 300) {
        resolve(body as T);
        return;
      }
      if (exchange.status === 401) onUnauthorized();
      reject(problemFrom(exchange.status, body, exchange.getResponseHeader('Retry-After')));
    };
    exchange.onerror = () => reject(new NetworkError(undefined));
    exchange.onabort = () => reject(new DOMException('The upload was canceled.', 'AbortError'));
    exchange.onloadend = () => options.signal?.removeEventListener('abort', cancel);
    options.signal?.addEventListener('abort', cancel);
    if (options.signal?.aborted) reject(new DOMException('The upload was canceled.', 'AbortError'));
    else exchange.send(form);
  });
}

async function exchange(method: Method, path: string, options: RequestOptions): Promise<Response> {
  const headers = new Headers({ Accept: 'application/json, application/problem+json' });
  if (options.body !== undefined) headers.set('Content-Type', 'application/json');
  if (method !== 'GET') headers.set('Idempotency-Key', options.idempotencyKey ?? newKey());
  try {
    return await fetch(path + queryString(options.query), {
      method,
      headers,
      credentials: 'same-origin',
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: options.signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new NetworkError(error);
  }
}

async function readBody(response: Response): Promise<unknown> {
  return parse(await response.text().catch(() => ''));
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function queryString(query: Record<string, QueryValue> | undefined): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** A fresh idempotency key. randomUUID needs a secure context; a plain-http address in a local network is none. */
export function newKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}
