import { createHash } from 'node:crypto';
import { chmod, open } from 'node:fs/promises';
import { codeOf } from './paths.ts';

export interface Digest {
  hash: string;
  binary: boolean;
}

/** SHA-256 of a file and whether it is binary (a NUL in the first 8,000 bytes, as git decides). */
export async function digestFile(path: string): Promise<Digest> {
  const handle = await openReadable(path);
  try {
    const sum = createHash('sha256');
    // One byte more than there is, so that the end is seen with the second read.
    const { size } = await handle.stat();
    const buffer = Buffer.allocUnsafe(Math.min(256 * 1024, size + 1));
    let binary = false;
    for (let offset = 0; ; ) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
      if (bytesRead === 0) return { hash: sum.digest('hex'), binary };
      const part = buffer.subarray(0, bytesRead);
      if (offset < 8_000 && part.subarray(0, 8_000 - offset).includes(0)) binary = true;
      sum.update(part);
      offset += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

export function digestText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A command may have taken its own right to read away; the file is ours all the same. */
async function openReadable(path: string) {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (codeOf(error) !== 'EACCES') throw error;
    await chmod(path, 0o600);
    return open(path, 'r');
  }
}
