import { request } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];

export type Me = Schemas['Me'];
export type SignUp = Schemas['SignUp'];
export type LogIn = Schemas['LogIn'];

/** Makes a user and a workspace, and starts a session. */
export async function signUp(input: SignUp): Promise<void> {
  await request('POST', '/api/auth/signup', { body: input });
}

/** Starts a session. */
export async function logIn(input: LogIn): Promise<void> {
  await request('POST', '/api/auth/login', { body: input });
}

/** Ends the session. */
export async function logOut(): Promise<void> {
  await request('POST', '/api/auth/logout');
}

/** Who is logged in, and where. */
export function getMe(signal?: AbortSignal): Promise<Me> {
  return request<Me>('GET', '/api/me', { signal });
}
