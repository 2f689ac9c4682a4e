import { fireEvent, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';

import { AttachmentList } from './AttachmentList';

const pdf = { id: 'f 1', filename: 'map.pdf', contentType: 'application/pdf', size: 12_000 };
const picture = { id: 'p1', filename: 'bike.png', contentType: 'image/png', size: 10 };

test('a file that is there can be downloaded, and says its size', () => {
  render(<AttachmentList messageId="m1" attachments={[pdf]} />);
  const link = screen.getByRole('link', { name: /map\.pdf/ });
  expect(link).toHaveAttribute('href', '/api/messages/m1/attachments/f%201');
  expect(link).toHaveTextContent('12 KB');
});

test('a file that is not there says why', () => {
  render(<AttachmentList messageId="m1" attachments={[{ ...pdf, missingReason: 'too_large' }]} />);
  expect(screen.queryByRole('link')).toBeNull();
  expect(screen.getByText('map.pdf: too large to keep')).toBeVisible();
});

test('a message without files has no list', () => {
  render(<AttachmentList messageId="m1" attachments={[]} />);
  expect(screen.queryByRole('list')).toBeNull();
});

test('pictures open in a viewer, and the arrows go through them', async () => {
  const second = { ...picture, id: 'p2', filename: 'wheel.png' };
  render(<AttachmentList messageId="m1" attachments={[picture, pdf, second]} />);
  await userEvent.click(screen.getByRole('button', { name: 'Open bike.png' }));
  const viewer = screen.getByRole('dialog', { name: 'bike.png' });
  expect(viewer).toBeVisible();
  expect(screen.getByRole('button', { name: 'Previous picture' })).toBeDisabled();
  await userEvent.keyboard('{ArrowRight}');
  expect(screen.getByRole('dialog', { name: 'wheel.png' })).toBeVisible();
  await userEvent.keyboard('{Escape}');
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('a picture the browser cannot show is a file to download', () => {
  render(<AttachmentList messageId="m1" attachments={[picture]} />);
  fireEvent.error(screen.getByRole('img', { name: 'bike.png' }));
  expect(screen.getByRole('link', { name: /bike\.png/ })).toBeVisible();
});

test('a sound can be played, and its speed changed', async () => {
  const sound = { id: 's1', filename: 'note.ogg', contentType: 'audio/ogg', size: 10 };
  render(<AttachmentList messageId="m1" attachments={[sound]} />);
  expect(screen.getByRole('button', { name: 'Play note.ogg' })).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Speed: 1 times' }));
  expect(screen.getByRole('button', { name: 'Speed: 1.25 times' })).toBeVisible();
});
