/** Bytes of one tool result that go to the model; the rest is reachable by offset or in a spilled file. */
export const resultBytes = 30_000;

/** A file with a zero byte in its first 8 KB is not text (git's rule). */
export function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 8_192).includes(0);
}

export function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(bytes);
}

/** Cuts text to a number of bytes at a line's end where there is one near. */
export function clip(text: string, bytes: number): { text: string; clipped: boolean } {
  if (Buffer.byteLength(text) <= bytes) return { text, clipped: false };
  const cut = decode(Buffer.from(text).subarray(0, bytes)).replace(/\uFFFD$/, '');
  const line = cut.lastIndexOf('\n');
  return { text: line > bytes / 2 ? cut.slice(0, line + 1) : cut, clipped: true };
}

export function stringOf(args: Record<string, unknown>, name: string): string {
  const value = args[name];
  return typeof value === 'string' ? value : '';
}

export function numberOf(args: Record<string, unknown>, name: string): number | undefined {
  const value = args[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** One line for people, shortened. */
export function brief(text: string, length = 100): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/** A schema of an object with the named properties; those in `required` must be given. */
export function objectSchema(properties: Record<string, unknown>, required: string[]): Record<string, unknown> {
  return { type: 'object', properties, required, additionalProperties: false };
}

export const string = (description?: string) => ({ type: 'string', ...(description ? { description } : {}) });
export const integer = (description?: string) => ({
  type: 'integer',
  minimum: 1,
  ...(description ? { description } : {}),
});
