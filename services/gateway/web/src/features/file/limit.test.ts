import { expect, test } from 'vitest';

import type { Limits } from '@/api/setting';

import { noLimits } from '@/test/fixtures';

import { acceptOf, limitsInWords, refusalOf } from './limit';

const mega = 1024 * 1024;

const limits: Limits = {
  maxFiles: 2,
  maxFileBytes: 5 * mega,
  maxTotalBytes: 6 * mega,
  fileTypes: ['image/', 'application/pdf'],
  maxBody: 1600,
  maxRecipients: 0,
};
const pdf = (size: number) => ({ filename: 'menu.pdf', contentType: 'application/pdf', size });

test.each([
  ['too large', pdf(12 * mega), [], 'PDF of 12 MB: SMS takes at most 5 MB.'],
  ['one too many', pdf(1), [pdf(1), pdf(1)], /^One file too many: SMS takes at most 2/],
  ['too large together', pdf(4 * mega), [pdf(3 * mega)], /7 MB with the others: SMS.* 6 MB/],
  ['empty', pdf(0), [], 'The file is empty.'],
  [
    'of another type',
    { filename: 'a.zip', contentType: 'application/zip', size: 1 },
    [],
    'ZIP: SMS takes only pictures, PDF.',
  ],
])('a file that is %s is refused, with the limit named', (_rule, file, others, reason) => {
  expect(refusalOf(file, others, limits, 'sms')).toMatch(reason);
});

test('a file that is too large for a message by itself is not blamed on others', () => {
  const mail = { ...noLimits, maxTotalBytes: 6 * mega };
  expect(refusalOf(pdf(7 * mega), [], mail, 'email')).toBe(
    'PDF of 7 MB: e-mail takes at most 6 MB in one message.',
  );
});

test('a type of file may have a limit of its own', () => {
  const own = { ...limits, maxTypeBytes: { 'image/': mega } };
  const picture = { filename: 'a.png', contentType: 'image/png', size: 2 * mega };
  expect(refusalOf(picture, [], own, 'whatsapp')).toBe(
    'Picture of 2 MB: WhatsApp takes at most 1 MB.',
  );
  expect(refusalOf(pdf(2 * mega), [], own, 'whatsapp')).toBeUndefined();
});

test('a file that mail servers refuse for its name is refused', () => {
  const mail = { ...noLimits, refusedExtensions: ['.exe'] };
  const file = { filename: 'Setup.EXE. ', contentType: 'application/octet-stream', size: 1 };
  expect(refusalOf(file, [], mail, 'email')).toMatch(/end with \.exe cannot be sent/);
});

test('a file within the limits is taken, its type with parameters and in capitals too', () => {
  const file = { filename: 'a.png', contentType: 'IMAGE/PNG; x=1', size: 5 * mega };
  expect(refusalOf(file, [], limits, 'sms')).toBeUndefined();
});

test('what has no limit refuses nothing', () => {
  expect(refusalOf(pdf(9e9), Array(99).fill(pdf(9e9)), noLimits, 'email')).toBeUndefined();
});

test('the limits are told before anything is tried', () => {
  expect(limitsInWords(limits)).toBe('Up to 2 files, 5 MB each, 6 MB together: pictures, PDF');
  expect(limitsInWords(noLimits)).toBe('Files');
  expect(acceptOf(limits)).toBe('image/*,application/pdf');
  expect(acceptOf(noLimits)).toBeUndefined();
});
