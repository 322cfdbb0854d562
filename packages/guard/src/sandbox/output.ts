import { createWriteStream, type WriteStream } from 'node:fs';

/** More than this is not even written to the spill file. */
const spillBytes = 64 * 1024 * 1024;

/** Output bounded to `limit` bytes, half of it the beginning and half the end. */
export interface OutputKeeper {
  push(data: Buffer): void;
  text(): string;
  readonly bytes: number;
  /** Path of the spill file, when there is one; resolves once it is written. */
  finish(): Promise<string | undefined>;
}

export function keepOutput(limit: number, spillPath: string): OutputKeeper {
  const half = Math.max(1, Math.floor(limit / 2));
  const head: Buffer[] = [];
  let tail: Buffer[] = [];
  let headBytes = 0;
  let tailBytes = 0;
  let bytes = 0;
  let spill: WriteStream | undefined;
  const keepTail = (data: Buffer) => {
    tail.push(data);
    tailBytes += data.length;
    // Compacted only when twice too long, so that many small chunks stay cheap.
    if (tailBytes <= half * 2 && tail.length < 4_096) return;
    const joined = Buffer.concat(tail);
    tail = [joined.subarray(Math.max(0, joined.length - half))];
    tailBytes = tail[0]?.length ?? 0;
  };
  const push = (data: Buffer) => {
    const before = bytes;
    bytes += data.length;
    if (bytes > limit && !spill) {
      spill = createWriteStream(spillPath, { mode: 0o600 });
      spill.on('error', () => undefined);
      spill.write(Buffer.concat([...head, ...tail]));
    }
    if (before < spillBytes) spill?.write(data.subarray(0, spillBytes - before));
    const room = half - headBytes;
    if (room > 0) {
      head.push(data.subarray(0, room));
      headBytes += Math.min(room, data.length);
    }
    if (data.length > room) keepTail(data.subarray(Math.max(0, room)));
  };
  return {
    push,
    get bytes() {
      return bytes;
    },
    text: () => {
      const start = Buffer.concat(head);
      const end = Buffer.concat(tail);
      const lost = bytes - start.length - Math.min(end.length, half);
      if (lost <= 0 || bytes <= limit) return Buffer.concat([start, end]).toString('utf8');
      return `${start.toString('utf8')}\n… ${lost} bytes left out …\n${end.subarray(Math.max(0, end.length - half)).toString('utf8')}`;
    },
    finish: async () => {
      const file = spill;
      if (!file) return undefined;
      await new Promise<void>((resolve) => {
        if (file.errored) resolve();
        else file.end(() => resolve());
        file.once('error', () => resolve());
      });
      return file.errored ? undefined : spillPath;
    },
  };
}
