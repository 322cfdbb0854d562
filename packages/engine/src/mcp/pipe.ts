import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { AmbitError } from '@ambit/core/errors';

/** A named pipe that reaches a confined process's standard input while the process runs. */
export interface InputPipe {
  /** The name inside the sandbox. */
  inside: string;
  write: (text: string) => Promise<void>;
  close: () => Promise<void>;
}

/** A process that does not read for so long is hung. */
const patienceMs = 10_000;

/** Makes the pipe in the run's private temporary folder, which the sandbox shows as `/tmp`. */
export async function openInputPipe(temporary: string, name: string): Promise<InputPipe> {
  const path = join(temporary, name);
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  await promisify(execFile)('mkfifo', ['-m', '600', path]);
  // Read and write: opening does not wait for the other side, and the other side never sees an end before we leave.
  const handle: FileHandle = await open(path, constants.O_RDWR | constants.O_NONBLOCK);
  const put = async (bytes: Buffer): Promise<void> => {
    const deadline = Date.now() + patienceMs;
    for (let at = 0; at < bytes.length; ) {
      try {
        at += (await handle.write(bytes, at)).bytesWritten;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        if (Date.now() > deadline) throw new AmbitError('environment', 'the server does not read what it is sent');
        await sleep(5);
      }
    }
  };
  let order = Promise.resolve();
  return {
    inside: `/tmp/${name}`,
    write: (text) => {
      const next = order.then(() => put(Buffer.from(text)));
      order = next.catch(() => undefined);
      return next;
    },
    close: () => handle.close(),
  };
}
