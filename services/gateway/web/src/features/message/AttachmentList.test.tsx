import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';

import { aMessage } from '@/test/fixtures';

import { AttachmentList } from './AttachmentList';

const file = { id: 'f 1', filename: 'map.png', contentType: 'image/png', size: 10 };

test('a file that is there can be downloaded', () => {
  render(<AttachmentList message={aMessage({ attachments: [file] })} />);
  const link = screen.getByRole('link', { name: 'map.png' });
  expect(link).toHaveAttribute('href', '/api/messages/m1/attachments/f%201');
});

test('a file that is not there says why', () => {
  render(
    <AttachmentList
      message={aMessage({ attachments: [{ ...file, missingReason: 'too_large' }] })}
    />,
  );
  expect(screen.queryByRole('link')).toBeNull();
  expect(screen.getByText('map.png: too large to keep')).toBeVisible();
});

test('a message without files has no list', () => {
  render(<AttachmentList message={aMessage()} />);
  expect(screen.queryByRole('list')).toBeNull();
});
