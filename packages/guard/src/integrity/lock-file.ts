import { AmbitError, messageOf } from '@ambit/core/errors';
import { sha256 } from '@ambit/core/schema';
import * as z from 'zod/mini';
import { subjectKind } from './pinned.ts';

export const lockFileName = 'ambit.lock';

export const pin = z.looseObject({
  kind: subjectKind,
  sha256,
  by: z.string(),
  at: z.string(),
});
export type Pin = z.infer<typeof pin>;

const lockFile = z.looseObject({ version: z.literal(1), pins: z.record(z.string(), pin) });
export type LockFile = z.infer<typeof lockFile>;

export const emptyLock = (): LockFile => ({ version: 1, pins: {} });

/** Parses `ambit.lock`. Broken content is an error, never an empty lock: that would hide pins from a reviewer. */
export function parseLock(text: string): LockFile {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new AmbitError('input.broken', `not valid JSON: ${messageOf(error)}`, {
      where: lockFileName,
      hint: 'restore it from version control; until then nothing in the repository is trusted',
      cause: error,
    });
  }
  const parsed = lockFile.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AmbitError(
    'input.broken',
    `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not a lock file'}`,
    {
      where: lockFileName,
      hint: 'restore it from version control; until then nothing in the repository is trusted',
    },
  );
}

/** One line a pin, sorted, so that a pull request shows each acceptance as one line. Unknown fields are kept. */
export function printLock(lock: LockFile): string {
  const { version, pins, ...rest } = lock;
  const lines = Object.entries(pins)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, value]) => `    ${JSON.stringify(id)}: ${JSON.stringify(value)}`);
  const more = Object.entries(rest).map(([key, value]) => `,\n  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  const body = lines.length > 0 ? `{\n${lines.join(',\n')}\n  }` : '{}';
  return `{\n  "version": ${version},\n  "pins": ${body}${more.join('')}\n}\n`;
}
