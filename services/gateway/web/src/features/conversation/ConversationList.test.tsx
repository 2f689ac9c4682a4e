import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';

import { aConversation } from '@/test/fixtures';
import { showPart } from '@/test/page';

import { ConversationList } from './ConversationList';

// jsdom lays nothing out, and the list draws only what has a height.
beforeEach(() => {
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(640);
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(360);
  Element.prototype.scrollTo = () => undefined;
});

const names = ['Ana', 'Ben', 'Cleo'];

function show(extra: { hasMore?: boolean; onEnd?: () => void } = {}) {
  const conversations = names.map((name, i) =>
    aConversation({
      id: `c${i}`,
      contact: { id: name, name, address: '+1415555010' + String(i) },
      isUnread: i === 0,
      lastDirection: i === 1 ? 'outbound' : 'inbound',
      lastStatus: i === 1 ? 'failed' : 'received',
    }),
  );
  return showPart(
    <>
      <input aria-label="elsewhere" />
      <ConversationList
        conversations={conversations}
        tab="all"
        hasMore={extra.hasMore ?? false}
        onEnd={extra.onEnd ?? (() => undefined)}
      />
    </>,
  );
}

const focused = (name: string) =>
  waitFor(() => expect(screen.getByRole('link', { name: new RegExp(name) })).toHaveFocus());

test('j and k move from anywhere, and stop at the ends', async () => {
  await show();
  await userEvent.keyboard('j');
  await focused('Ana');
  await userEvent.keyboard('j');
  await focused('Ben');
  await userEvent.keyboard('jj');
  await focused('Cleo');
  await userEvent.keyboard('k');
  await focused('Ben');
});

test('the arrows, Home and End move inside the list', async () => {
  await show();
  screen.getByRole('link', { name: /Ana/ }).focus();
  await userEvent.keyboard('{ArrowDown}');
  await focused('Ben');
  await userEvent.keyboard('{End}');
  await focused('Cleo');
  await userEvent.keyboard('{Home}');
  await focused('Ana');
});

test('Enter opens the conversation', async () => {
  const { path } = await show();
  await userEvent.keyboard('j');
  await focused('Ana');
  await userEvent.keyboard('{Enter}');
  await waitFor(() => expect(path()).toBe('/inbox/all/c0'));
});

test('letters typed into a field stay there', async () => {
  await show();
  await userEvent.type(screen.getByLabelText('elsewhere'), 'jk');
  expect(screen.getByLabelText('elsewhere')).toHaveFocus();
  expect(screen.getByLabelText('elsewhere')).toHaveValue('jk');
});

test('a row says who, whether it is unread, who wrote last and what failed', async () => {
  await show();
  const rows = within(screen.getByRole('list', { name: 'Conversations' })).getAllByRole('listitem');
  expect(rows[0]).toHaveTextContent(/Ana.*Unread/);
  expect(rows[1]).toHaveTextContent(/Ben.*You: .*The last message failed/);
});

test('the end of the list asks for more', async () => {
  const onEnd = vi.fn();
  await show({ hasMore: true, onEnd });
  expect(onEnd).toHaveBeenCalled();
});
