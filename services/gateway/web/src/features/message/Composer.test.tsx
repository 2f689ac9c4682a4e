import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';

import type { Accepted, OutgoingMessage } from '@/api/message';
import { aConversation } from '@/test/fixtures';
import { showPart } from '@/test/page';

import { Composer } from './Composer';

function aSend() {
  const accepted: Accepted = { id: 'm1', conversationId: 'c1', status: 'queued' };
  return vi.fn<(message: OutgoingMessage, key: string) => Promise<Accepted>>(() =>
    Promise.resolve(accepted),
  );
}

const mail = aConversation({
  channel: 'email',
  subject: 'Your order',
  contact: { id: 'p', name: 'Ana', address: 'ana@example.com' },
});

test('Enter sends a text and empties the box; Shift with Enter starts a line', async () => {
  const send = aSend();
  await showPart(<Composer conversation={aConversation()} />, send);
  const box = screen.getByRole('textbox', { name: 'Message' });
  await userEvent.type(box, 'one{Shift>}{Enter}{/Shift}two{Enter}');
  expect(send).toHaveBeenCalledOnce();
  expect(send.mock.calls[0]?.[0]).toEqual({
    channel: 'sms',
    to: '+14155550100',
    conversationId: 'c1',
    body: 'one\ntwo',
  });
  expect(box).toHaveValue('');
});

test('a mail is sent by Ctrl with Enter, never by Enter, and answers the subject', async () => {
  const send = aSend();
  await showPart(<Composer conversation={mail} />, send);
  await userEvent.type(screen.getByRole('textbox', { name: 'Message' }), 'Hello{Enter}there');
  expect(send).not.toHaveBeenCalled();
  await userEvent.keyboard('{Control>}{Enter}{/Control}');
  expect(send.mock.calls[0]?.[0]).toMatchObject({
    body: 'Hello\nthere',
    subject: 'Re: Your order',
    to: 'ana@example.com',
  });
});

test('blanks are nothing to send', async () => {
  const send = aSend();
  await showPart(<Composer conversation={aConversation()} />, send);
  await userEvent.type(screen.getByRole('textbox', { name: 'Message' }), '  {Enter}');
  expect(screen.getByRole('button', { name: 'Send' })).toBeDisabled();
  expect(send).not.toHaveBeenCalled();
});

test('pressing Send twice sends once', async () => {
  const send = aSend();
  await showPart(<Composer conversation={aConversation()} />, send);
  await userEvent.type(screen.getByRole('textbox', { name: 'Message' }), 'once');
  await userEvent.dblClick(screen.getByRole('button', { name: 'Send' }));
  await waitFor(() => expect(send).toHaveBeenCalled());
  expect(send).toHaveBeenCalledOnce();
});

test('the counter tells characters, segments and alphabet', async () => {
  await showPart(<Composer conversation={aConversation()} />);
  await userEvent.type(screen.getByRole('textbox', { name: 'Message' }), 'grüße ✓');
  expect(screen.getByText('7 characters · 1 segment · UCS-2')).toBeInTheDocument();
});

test('a draft stays with its conversation', async () => {
  const { unmount } = await showPart(<Composer conversation={aConversation()} />);
  await userEvent.type(screen.getByRole('textbox', { name: 'Message' }), 'not yet');
  unmount();
  const other = await showPart(<Composer conversation={aConversation({ id: 'c2' })} />);
  expect(screen.getByRole('textbox', { name: 'Message' })).toHaveValue('');
  other.unmount();
  await showPart(<Composer conversation={aConversation()} />);
  expect(screen.getByRole('textbox', { name: 'Message' })).toHaveValue('not yet');
});

test('a channel one cannot write on yet says so', async () => {
  await showPart(<Composer conversation={aConversation({ channel: 'social' })} />);
  expect(screen.getByText('Answering on Social is not available yet.')).toBeInTheDocument();
});
