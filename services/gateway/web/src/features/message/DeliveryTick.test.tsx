import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';

import { type MessageStatus, statusRanks } from '@/api/message';

import { DeliveryTick } from './DeliveryTick';

const cases: [MessageStatus, string, string][] = [
  ['queued', 'Queued', 'clock'],
  ['sending', 'Sending', 'clock'],
  ['sent', 'Sent', 'one'],
  ['delivered', 'Delivered', 'two'],
  ['read', 'Read', 'two-read'],
  ['opened', 'Opened', 'two-read'],
  ['failed', 'Failed', 'failed'],
  ['undelivered', 'Not delivered', 'failed'],
  ['unknown', 'Checking with the provider', 'question'],
];

test.each(cases)('%s is told by the word "%s" and a shape', (status, word, shape) => {
  render(<DeliveryTick status={status} />);
  const tick = screen.getByRole('img', { name: word });
  expect(tick).toHaveTextContent(word);
  expect(tick.querySelector('svg')).toHaveAttribute('data-shape', shape);
});

test('every status of a sent message has a word', () => {
  for (const status of Object.keys(statusRanks) as MessageStatus[]) {
    if (status === 'received') continue;
    const { unmount } = render(<DeliveryTick status={status} />);
    expect(screen.getByRole('img')).toHaveAccessibleName();
    unmount();
  }
});
