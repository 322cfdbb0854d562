/** Answers longer than this are not waited for: an editor shows no more either. */
const bufferMost = 16 * 1024 * 1024;

/** Cuts `Content-Length` frames out of a byte stream; false when the stream makes no sense any more. */
export function frames(onMessage: (message: Record<string, unknown>) => void): (data: Uint8Array) => boolean {
  let held = Buffer.alloc(0);
  return (data) => {
    held = Buffer.concat([held, data]);
    for (;;) {
      const head = held.indexOf('\r\n\r\n');
      if (head < 0) break;
      const length = Number(/Content-Length: (\d+)/i.exec(held.subarray(0, head).toString())?.[1] ?? Number.NaN);
      if (!Number.isFinite(length) || length > bufferMost) return false;
      if (held.length < head + 4 + length) break;
      try {
        onMessage(JSON.parse(held.subarray(head + 4, head + 4 + length).toString()) as Record<string, unknown>);
      } catch {
        // One unreadable message is one answer that never comes; the wait for it is bounded.
      }
      held = held.subarray(head + 4 + length);
    }
    return held.length <= bufferMost;
  };
}
