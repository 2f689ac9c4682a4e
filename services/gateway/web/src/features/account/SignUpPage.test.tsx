import { screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';

import { showPart } from '@/test/page';

import { SignUpPage } from './SignUpPage';

afterEach(() => vi.unstubAllGlobals());

async function fillIn() {
  await userEvent.type(screen.getByLabelText('Your name'), 'Owner');
  await userEvent.type(screen.getByLabelText('Email'), 'owner@example.com');
  await userEvent.type(screen.getByLabelText('Workspace'), 'Demo workspace');
  await userEvent.type(screen.getByLabelText('Password'), 'a quiet harbour');
}

test('every field says what is missing, and nothing is sent', async () => {
  const fetch = vi.fn();
  vi.stubGlobal('fetch', fetch);
  await showPart(<SignUpPage />);
  await userEvent.click(screen.getByRole('button', { name: 'Create workspace' }));
  expect(screen.getByLabelText('Your name')).toHaveAccessibleDescription('Enter your name.');
  expect(screen.getByLabelText('Email')).toHaveAccessibleDescription('Enter your e-mail address.');
  expect(screen.getByLabelText('Password')).toHaveAccessibleDescription(
    'Use at least 10 characters.',
  );
  expect(fetch).not.toHaveBeenCalled();
});

test('what the server refuses stands at its field', async () => {
  const problem = {
    code: 'email_taken',
    detail: 'This address has an account already.',
    errors: [{ location: 'body.email', field: 'email', message: 'is in use already' }],
  };
  vi.stubGlobal('fetch', () =>
    Promise.resolve(new Response(JSON.stringify(problem), { status: 409 })),
  );
  await showPart(<SignUpPage />);
  await fillIn();
  await userEvent.click(screen.getByRole('button', { name: 'Create workspace' }));
  expect(await screen.findByRole('alert')).toHaveTextContent(
    'This address has an account already.',
  );
  expect(screen.getByLabelText('Email')).toHaveAccessibleDescription('is in use already');
});
