import { expect, test } from 'vitest';

import { queryKeys } from '@/api/queryKey';
import { aConversation } from '@/test/fixtures';

import { createCache } from './cache';

test('a change during a fetch makes the query be fetched once more', async () => {
  const { client, patch } = createCache();
  const answers: ((c: ReturnType<typeof aConversation>) => void)[] = [];
  const fetching = client.query({
    queryKey: queryKeys.conversation('c1'),
    queryFn: () => new Promise<ReturnType<typeof aConversation>>((done) => answers.push(done)),
  });
  patch({ type: 'conversation', seq: 1, conversation: aConversation({ snippet: 'new' }) });
  answers[0]?.(aConversation({ snippet: 'old' }));
  await fetching;
  expect(client.getQueryState(queryKeys.conversation('c1'))?.isInvalidated).toBe(true);
});

test('a change reaches the conversation that is open', () => {
  const { client, patch } = createCache();
  client.setQueryData(queryKeys.conversation('c1'), aConversation());
  patch({ type: 'conversation', seq: 1, conversation: aConversation({ isStarred: true }) });
  expect(client.getQueryData(queryKeys.conversation('c1'))).toMatchObject({ isStarred: true });
});
