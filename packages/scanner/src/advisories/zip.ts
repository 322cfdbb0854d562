import { messageOf } from '@ambit/core/errors';
import { Unzip, UnzipInflate, unzipSync } from 'fflate';

interface Sink {
  take: (text: string, where: string) => void;
  fail: (where: string, reason: string) => void;
}

/** Compressed bytes handed over at a time, so that a small archive cannot become a large one in memory at once. */
const step = 64 * 1024;

/** Hands over each JSON file of an archive by itself: unpacked as a whole, a database has gigabytes. */
export function unzipDocuments(archive: Uint8Array, where: string, most: number, sink: Sink): void {
  const listed = new Set<string>();
  try {
    unzipSync(archive, {
      filter: ({ name }) => {
        if (/\.json$/i.test(name)) listed.add(name);
        return false;
      },
    });
  } catch (error) {
    sink.fail(where, `no complete zip archive: ${messageOf(error)}`);
    return;
  }
  const unzip = new Unzip((file) => {
    if (!listed.has(file.name)) return;
    const place = `${where}/${file.name}`;
    const parts: Uint8Array[] = [];
    let size = 0;
    file.ondata = (error, data, final) => {
      if (!listed.has(file.name)) return;
      size += data?.length ?? 0;
      if (error || size > most) {
        listed.delete(file.name);
        sink.fail(place, error ? messageOf(error) : 'too large for an advisory');
        parts.length = 0;
        return;
      }
      parts.push(data);
      if (!final) return;
      listed.delete(file.name);
      sink.take(Buffer.concat(parts).toString('utf8'), place);
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  try {
    for (let at = 0; at < archive.length; at += step)
      unzip.push(archive.subarray(at, at + step), at + step >= archive.length);
  } catch (error) {
    sink.fail(where, messageOf(error));
  }
  for (const name of listed) sink.fail(`${where}/${name}`, 'could not be unpacked');
}
