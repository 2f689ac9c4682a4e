import { expect, test } from 'vitest';

import {
  type Draft,
  draftOf,
  type DraftFile,
  htmlOf,
  isEmptyDraft,
  outgoingFiles,
  parseDraft,
} from './draft';

const picture: DraftFile = {
  key: 'k1',
  id: 'f1',
  filename: 'a"b.png',
  contentType: 'image/png',
  size: 10,
  state: 'ready',
  progress: 1,
  contentId: 'k1@conversations',
};
const mail: Draft = { body: 'See <this>:\n[image: a"b.png]\nBye', files: [picture] };

test('a picture in the text is an image of the HTML, and all else in it is text', () => {
  expect(htmlOf(mail)).toBe(
    '<div>See &lt;this&gt;:<br>\n' +
      '<img src="cid:k1@conversations" alt="a&quot;b.png" style="max-width:100%"><br>\nBye</div>',
  );
});

test('a mail without pictures in its text has no HTML', () => {
  expect(htmlOf({ body: 'See', files: [picture] })).toBeUndefined();
});

test('a picture whose place was deleted is sent beside the text', () => {
  expect(outgoingFiles(mail)).toEqual([{ id: 'f1', contentId: 'k1@conversations' }]);
  expect(outgoingFiles({ ...mail, body: 'See' })).toEqual([{ id: 'f1' }]);
});

test('only what was uploaded is sent', () => {
  const files = (['uploading', 'failed', 'refused'] as const).map((state) => ({
    ...picture,
    state,
  }));
  expect(outgoingFiles({ body: '', files })).toEqual([]);
});

test('a message that was not accepted can be written once more', () => {
  const message = {
    channel: 'email',
    body: 'hello',
    subject: 'Re',
    cc: ['a@example.com'],
  } as const;
  const attachments = [{ id: 'f1', contentId: 'k1@conversations' }];
  const draft = draftOf({ ...message, cc: [...message.cc], attachments }, [picture]);
  expect(draft).toMatchObject({ body: 'hello', subject: 'Re', cc: ['a@example.com'] });
  expect(outgoingFiles({ ...draft, body: mail.body })).toEqual(attachments);
});

test('what was stored and cannot be read is an empty draft', () => {
  expect(isEmptyDraft(parseDraft('{'))).toBe(true);
  expect(isEmptyDraft(parseDraft(null))).toBe(true);
});
