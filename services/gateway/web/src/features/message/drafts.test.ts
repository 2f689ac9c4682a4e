import { expect, test, vi } from 'vitest';

import type { Attachment, UploadOptions } from '@/api/attachment';
import { NetworkError, ProblemError } from '@/api/problem';
import { noLimits } from '@/test/fixtures';

import { createDrafts } from './drafts';

const options = { channel: 'sms', limits: noLimits } as const;
const aFile = (name = 'a.pdf', size = 10) =>
  new File([new Uint8Array(size)], name, { type: 'application/pdf' });

/** A server whose answers the test gives. */
function aServer() {
  const calls: {
    file: File;
    options: UploadOptions;
    accept: (id: string) => void;
    refuse: (error: Error) => void;
  }[] = [];
  const upload = vi.fn(
    (file: File, uploadOptions: UploadOptions) =>
      new Promise<Attachment>((resolve, reject) => {
        const accept = (id: string) =>
          resolve({ id, filename: file.name, contentType: file.type, size: file.size });
        calls.push({ file, options: uploadOptions, accept, refuse: reject });
      }),
  );
  return { upload, calls };
}

function make() {
  const server = aServer();
  const drafts = createDrafts({ storage: localStorage, upload: server.upload });
  const only = () => drafts.read('c1').files[0];
  return { ...server, drafts, only };
}

test('a file is uploaded, and is there again after the page was loaded anew', async () => {
  const { drafts, calls, only } = make();
  drafts.attach('c1', [aFile()], options);
  calls[0]?.options.onProgress(0.5);
  expect(only()).toMatchObject({ state: 'uploading', progress: 0.5 });
  calls[0]?.accept('f1');
  await vi.waitFor(() => expect(only()).toMatchObject({ state: 'ready', id: 'f1' }));
  const after = createDrafts({ storage: localStorage, upload: aServer().upload });
  expect(after.read('c1').files).toMatchObject([{ state: 'ready', id: 'f1', filename: 'a.pdf' }]);
});

test('a file that had not arrived when the page was closed is told of', () => {
  const { drafts } = make();
  drafts.attach('c1', [aFile()], options);
  const after = createDrafts({ storage: localStorage, upload: aServer().upload });
  expect(after.read('c1').files).toMatchObject([
    { state: 'refused', reason: expect.stringContaining('Attach it again') as string },
  ]);
});

test('an upload goes on while another conversation is open', async () => {
  const { drafts, calls, only } = make();
  drafts.attach('c1', [aFile()], options);
  drafts.change('c2', (draft) => ({ ...draft, body: 'elsewhere' }));
  calls[0]?.accept('f1');
  await vi.waitFor(() => expect(only()?.state).toBe('ready'));
  expect(drafts.read('c2')).toMatchObject({ body: 'elsewhere', files: [] });
});

test('what is over a limit is never uploaded', () => {
  const { drafts, upload, only } = make();
  const limits = { ...noLimits, maxFileBytes: 5 };
  drafts.attach('c1', [aFile()], { ...options, limits });
  expect(only()).toMatchObject({ state: 'refused', reason: /at most 5 bytes/ });
  expect(upload).not.toHaveBeenCalled();
});

test('a file that is refused does not count against those that follow', () => {
  const { drafts } = make();
  const limits = { ...noLimits, maxFiles: 1, maxFileBytes: 20 };
  drafts.attach('c1', [aFile('big.pdf', 30), aFile('small.pdf', 10)], { ...options, limits });
  expect(drafts.read('c1').files.map((f) => f.state)).toEqual(['refused', 'uploading']);
});

test('a broken upload can be tried again', async () => {
  const { drafts, calls, only } = make();
  drafts.attach('c1', [aFile()], options);
  calls[0]?.refuse(new NetworkError(undefined));
  await vi.waitFor(() => expect(only()?.state).toBe('failed'));
  drafts.retry('c1', only()?.key ?? '');
  expect(only()?.state).toBe('uploading');
  calls[1]?.accept('f1');
  await vi.waitFor(() => expect(only()).toMatchObject({ state: 'ready', id: 'f1' }));
});

test('what the server refuses cannot be tried again', async () => {
  const { drafts, calls, only } = make();
  drafts.attach('c1', [aFile()], options);
  calls[0]?.refuse(new ProblemError(422, 'file_refused', 'It takes pictures only.', []));
  await vi.waitFor(() =>
    expect(only()).toMatchObject({ state: 'refused', reason: 'It takes pictures only.' }),
  );
});

test('taking a file out stops its upload, and takes its place out of the text', () => {
  const { drafts, calls } = make();
  const picture = new File(['x'], 'image.png', { type: 'image/png' });
  const [added] = drafts.attach('c1', [picture], { ...options, channel: 'email', inText: true });
  drafts.change('c1', (draft) => ({ ...draft, body: 'see [image: image.png] there' }));
  drafts.remove('c1', added?.key ?? '');
  expect(calls[0]?.options.signal.aborted).toBe(true);
  expect(drafts.read('c1')).toMatchObject({ body: 'see  there', files: [] });
});

test('two pictures from the clipboard have names of their own', () => {
  const { drafts, calls } = make();
  const picture = () => new File(['x'], 'image.png', { type: 'image/png' });
  drafts.attach('c1', [picture(), picture()], { ...options, inText: true });
  expect(drafts.read('c1').files.map((f) => f.filename)).toEqual(['image.png', 'image-2.png']);
  expect(calls.map((c) => c.file.name)).toEqual(['image.png', 'image-2.png']);
});

test('a full storage keeps nobody from writing', () => {
  const { drafts } = make();
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  drafts.change('c1', (draft) => ({ ...draft, body: 'hello' }));
  expect(drafts.read('c1').body).toBe('hello');
});

test('logging out forgets every draft and stops every upload', () => {
  const { drafts, calls } = make();
  drafts.attach('c1', [aFile()], options);
  drafts.clear();
  expect(calls[0]?.options.signal.aborted).toBe(true);
  expect(drafts.read('c1').files).toEqual([]);
  expect(localStorage).toHaveLength(0);
});
