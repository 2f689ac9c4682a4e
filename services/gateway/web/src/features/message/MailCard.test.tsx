import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';

import { aMessage } from '@/test/fixtures';

import { MailCard } from './MailCard';

const mail = (over: Parameters<typeof aMessage>[0]) =>
  aMessage({ channel: 'email', direction: 'inbound', subject: 'Offer', ...over });

test('HTML is shown in a frame in which no script runs, without the pictures of others', async () => {
  render(<MailCard message={mail({ hasHtml: true, hasRemoteImages: true })} />);
  const frame = screen.getByTitle('Mail: Offer');
  expect(frame).toHaveAttribute('src', '/api/messages/m1/html?images=held');
  expect(frame.getAttribute('sandbox')).not.toContain('allow-scripts');
  await userEvent.click(screen.getByRole('button', { name: 'Show images' }));
  expect(frame).toHaveAttribute('src', '/api/messages/m1/html?images=shown');
  expect(screen.queryByRole('button', { name: 'Show images' })).toBeNull();
});

test('a mail without pictures of others offers none', () => {
  render(<MailCard message={mail({ hasHtml: true })} />);
  expect(screen.queryByRole('button', { name: 'Show images' })).toBeNull();
});

test('what a mail quotes is folded until it is asked for', async () => {
  render(
    <MailCard message={mail({ body: 'Yes\n> Shall we?', replyBody: 'Yes', hasHtml: true })} />,
  );
  expect(screen.getByText('Yes')).toBeVisible();
  expect(screen.queryByTitle('Mail: Offer')).toBeNull();
  const fold = screen.getByRole('button', { name: 'Show quoted text' });
  expect(fold).toHaveAttribute('aria-expanded', 'false');
  await userEvent.click(fold);
  expect(screen.getByTitle('Mail: Offer')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Hide quoted text' })).toBeInTheDocument();
});

test('copies and automatic mail are told', () => {
  render(
    <MailCard message={mail({ cc: ['b@example.com', 'c@example.com'], isAutomatic: true })} />,
  );
  expect(screen.getByText('b@example.com, c@example.com')).toBeInTheDocument();
  expect(screen.getByText('Automatic')).toBeInTheDocument();
});

test('a picture that stands in the HTML is not listed below it once more', () => {
  const inText = {
    id: 'a',
    filename: 'logo.png',
    contentType: 'image/png',
    size: 1,
    contentId: 'l',
  };
  const { rerender } = render(
    <MailCard message={mail({ hasHtml: true, attachments: [inText] })} />,
  );
  expect(screen.queryByRole('img', { name: 'logo.png' })).toBeNull();
  rerender(<MailCard message={mail({ attachments: [inText] })} />);
  expect(screen.getByRole('img', { name: 'logo.png' })).toBeInTheDocument();
});
