import type { QueryKey } from '@tanstack/react-query';
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';

import type { Consent } from '@/api/consent';
import type { Accepted, OutgoingMessage } from '@/api/message';
import { queryKeys } from '@/api/queryKey';
import type { ChannelSetting } from '@/api/setting';
import { aChannel, aConversation, aMessage, aTemplate, noLimits } from '@/test/fixtures';
import { showPart } from '@/test/page';

import { Composer } from './Composer';

afterEach(() => vi.unstubAllGlobals());

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

const ready = (file: File) =>
  Promise.resolve({ id: `id-${file.name}`, filename: file.name, contentType: file.type, size: 1 });
const picture = () => new File(['x'], 'image.png', { type: 'image/png' });
const channels = (over: Partial<ChannelSetting>): [QueryKey, unknown][] => [
  [queryKeys.settings, { channels: [aChannel(over)] }],
];

test('files go with the message, and files alone are a message', async () => {
  const send = aSend();
  await showPart(<Composer conversation={aConversation()} />, { send, upload: ready });
  await userEvent.upload(screen.getByLabelText('Choose files'), picture());
  await waitFor(() => expect(screen.getByRole('button', { name: 'Send' })).toBeEnabled());
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));
  expect(send.mock.calls[0]?.[0]).toMatchObject({
    body: '',
    attachments: [{ id: 'id-image.png' }],
  });
  expect(screen.queryByRole('list', { name: 'Attached files' })).toBeNull();
});

test('nothing is sent while a file is on its way', async () => {
  const send = aSend();
  await showPart(<Composer conversation={aConversation()} />, send);
  await userEvent.upload(screen.getByLabelText('Choose files'), picture());
  expect(screen.getByText('Files are being uploaded.')).toBeInTheDocument();
  await userEvent.type(screen.getByRole('textbox', { name: 'Message' }), 'now{Enter}');
  expect(send).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole('button', { name: 'Remove image.png' }));
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));
  expect(send).toHaveBeenCalledOnce();
});

test('a file over the limit is told before it is uploaded', async () => {
  const upload = vi.fn(ready);
  const known = channels({ limits: { ...noLimits, fileTypes: ['image/'] } });
  await showPart(<Composer conversation={aConversation()} />, { upload, known });
  const pdf = new File(['x'], 'a.pdf', { type: 'application/pdf' });
  const input = screen.getByLabelText('Choose files');
  await userEvent.setup({ applyAccept: false }).upload(input, pdf);
  expect(screen.getByText('PDF: SMS takes only pictures.')).toBeInTheDocument();
  expect(upload).not.toHaveBeenCalled();
});

test('a picture pasted into a mail stands where the cursor is', async () => {
  const send = aSend();
  await showPart(<Composer conversation={mail} />, { send, upload: ready });
  const box = screen.getByRole('textbox', { name: 'Message' });
  await userEvent.type(box, 'See ');
  fireEvent.paste(box, { clipboardData: { files: [picture()], getData: () => '' } });
  await waitFor(() => expect(box).toHaveValue('See [image: image.png]'));
  await waitFor(() => expect(screen.getByRole('button', { name: 'Send' })).toBeEnabled());
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));
  const sent = send.mock.calls[0]?.[0];
  const cid = sent?.attachments?.[0]?.contentId ?? '';
  expect(cid).not.toBe('');
  expect(sent?.html).toContain(`<img src="cid:${cid}" alt="image.png"`);
});

const lastMail: [QueryKey, unknown][] = [
  [
    queryKeys.messages('c1'),
    {
      pages: [
        {
          items: [
            aMessage({
              channel: 'email',
              direction: 'inbound',
              from: 'ana@example.com',
              to: 'shop@example.org',
              cc: ['ben@example.com'],
            }),
          ],
        },
      ],
      pageParams: [undefined],
    },
  ],
];

test('an answer goes to everybody in the thread, unless one answers the customer alone', async () => {
  const send = aSend();
  await showPart(<Composer conversation={mail} />, { send, known: lastMail });
  const box = screen.getByRole('textbox', { name: 'Message' });
  await userEvent.type(box, 'to all{Control>}{Enter}{/Control}');
  expect(send.mock.calls[0]?.[0]).toMatchObject({ cc: ['ben@example.com'], bcc: [] });
  await userEvent.click(screen.getByRole('button', { name: 'Reply' }));
  await userEvent.type(box, 'to you{Control>}{Enter}{/Control}');
  expect(send.mock.calls[1]?.[0]).toMatchObject({ body: 'to you', cc: [] });
});

test('copies are chips, and one that is no address holds the mail back', async () => {
  const send = aSend();
  await showPart(<Composer conversation={mail} />, send);
  await userEvent.type(screen.getByRole('textbox', { name: 'Message' }), 'hello');
  await userEvent.click(screen.getByRole('button', { name: 'Add Bcc' }));
  await userEvent.type(screen.getByRole('textbox', { name: 'Bcc' }), 'x@example.com,wrong@{Enter}');
  expect(screen.getByRole('button', { name: 'Send' })).toBeDisabled();
  await userEvent.click(screen.getByRole('button', { name: 'Remove wrong@' }));
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));
  expect(send.mock.calls[0]?.[0]).toMatchObject({ bcc: ['x@example.com'] });
});

const closed = aConversation({ channel: 'whatsapp', hasWindow: true });
const templates: [QueryKey, unknown][] = [
  [
    queryKeys.templates('whatsapp'),
    [aTemplate(), aTemplate({ id: 'x', status: 'pending', title: 'New' })],
  ],
];

test('after the window only a template can be sent, with every value filled in', async () => {
  const send = aSend();
  await showPart(<Composer conversation={closed} />, { send, known: templates });
  expect(screen.queryByRole('textbox', { name: 'Message' })).toBeNull();
  expect(screen.getByText(/WhatsApp takes only a template/)).toBeInTheDocument();
  expect(screen.getByRole('button', { name: /New.*In review/ })).toBeDisabled();
  await userEvent.click(screen.getByRole('button', { name: /Order ready/ }));
  await userEvent.type(screen.getByRole('textbox', { name: 'Value 1' }), 'Ana');
  expect(screen.getByRole('button', { name: 'Send template' })).toBeDisabled();
  await userEvent.type(screen.getByRole('textbox', { name: 'Value 2' }), '20881');
  await userEvent.click(screen.getByRole('button', { name: 'Send template' }));
  expect(send.mock.calls[0]?.[0]).toEqual({
    channel: 'whatsapp',
    to: '+14155550100',
    conversationId: 'c1',
    template: { id: 'order_ready', language: 'en_US', parameters: { 1: 'Ana', 2: '20881' } },
  });
});

test('within the window one writes freely, sees how long, and can still send a template', async () => {
  const windowExpiresAt = new Date(Date.now() + 2.5 * 3_600_000);
  const known = [...templates, ...channels({ channel: 'whatsapp', hasTemplates: true })];
  await showPart(<Composer conversation={{ ...closed, windowExpiresAt }} />, { known });
  expect(screen.getByText(/Open for free answers for 2 hours/)).toBeInTheDocument();
  await userEvent.type(screen.getByRole('textbox', { name: 'Message' }), 'not lost');
  await userEvent.click(screen.getByRole('button', { name: 'Use a template' }));
  expect(screen.getByRole('list', { name: 'Templates' })).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Write freely' }));
  expect(screen.getByRole('textbox', { name: 'Message' })).toHaveValue('not lost');
});

test('one who wrote STOP is not written to, until somebody says why they may be', async () => {
  const changedAt = new Date('2026-03-01T10:00:00Z');
  const consent: Consent = {
    channel: 'sms',
    address: '+14155550100',
    state: 'opted_out',
    source: 'keyword',
    reason: '',
    changedAt,
  };
  const fetch = vi.fn<(url: string, init: RequestInit) => Promise<Response>>(() =>
    Promise.resolve(Response.json({ ...consent, state: 'opted_in', source: 'person' })),
  );
  vi.stubGlobal('fetch', fetch);
  await showPart(<Composer conversation={aConversation({ consent })} />);
  expect(screen.queryByRole('textbox')).toBeNull();
  expect(screen.getByText('A Customer wrote STOP.')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Allow again…' }));
  expect(screen.getByRole('button', { name: 'Allow again' })).toBeDisabled();
  await userEvent.type(screen.getByRole('textbox', { name: 'Reason' }), 'Asked by phone');
  await userEvent.click(screen.getByRole('button', { name: 'Allow again' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  const [url, init] = fetch.mock.calls.find(([, i]) => i.method === 'PUT') ?? [];
  expect(url).toBe('/api/consents');
  expect(JSON.parse(init?.body as string)).toEqual({
    channel: 'sms',
    address: '+14155550100',
    state: 'opted_in',
    reason: 'Asked by phone',
  });
});
