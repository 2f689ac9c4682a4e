import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';

import { MessageText } from './MessageText';

test('markup in a message is shown as text', () => {
  const { container } = render(<MessageText text={'<img src=x onerror="alert(1)"><b>hi</b>'} />);
  expect(container.querySelector('img, b')).toBeNull();
  expect(container).toHaveTextContent('<img src=x onerror="alert(1)"><b>hi</b>');
});

test('a web address becomes a link that tells nothing and leaves its full stop behind', () => {
  render(<MessageText text="See (https://example.com/a?b=1)." />);
  const link = screen.getByRole('link', { name: 'https://example.com/a?b=1' });
  expect(link).toHaveAttribute('href', 'https://example.com/a?b=1');
  expect(link).toHaveAttribute('rel', 'noopener noreferrer nofollow');
});

test.each(['javascript:alert(1)', 'data:text/html,x', 'java\nscript:alert(1)', 'http://'])(
  '%j is no link',
  (text) => {
    render(<MessageText text={text} />);
    expect(screen.queryByRole('link')).toBeNull();
  },
);
