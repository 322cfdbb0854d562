import type { OxcError, ParserOptions } from 'oxc-parser';
import { getBufferOffset, parseRawSync, rawTransferSupported } from 'oxc-parser/src-js/bindings';
import {
  ACTIVE_SIZE,
  BLOCK_ALIGN,
  BLOCK_SIZE,
  BUFFER_SIZE,
  IS_TS_FLAG_POS,
} from 'oxc-parser/src-js/generated/constants';
import type { Program } from './tree.ts';

/** A tree and what the parser complained of. */
export interface Transferred {
  program: Program;
  errors: OxcError[];
}

/** Reads the native tree out of the parser's own memory, which takes half the time of its JSON. */
export interface Transfer {
  parse(path: string, text: string, options: ParserOptions): Transferred;
}

/** What a large tree touches of the memory stays touched: such a file takes the other way. In characters. */
export const TRANSFER_MAX = 400_000;

/**
 * The memory that parser and reader share. The parser wants two gigabytes at a multiple of four: addresses, of which only
 * what a tree takes is ever backed by memory (10 MB for 300 KB of source). Shared, since V8 counts what is not as garbage to
 * come and sweeps for it.
 */
function sharedMemory() {
  const memory = new SharedArrayBuffer(BLOCK_SIZE + BLOCK_ALIGN);
  const start = getBufferOffset(new Uint8Array(memory, 0, 64));
  return Object.assign(new Uint8Array(memory, start, BUFFER_SIZE), {
    block: new Uint8Array(memory, start, BLOCK_SIZE),
    int32: new Int32Array(memory, start, BUFFER_SIZE >>> 2),
    float64: new Float64Array(memory, start, BUFFER_SIZE >>> 3),
  });
}

/**
 * Opens it for this thread; undefined where the machine, or its limits on addresses, do not allow it. Worth its few
 * milliseconds and addresses to who parses hundreds of files.
 */
export async function openTransfer(): Promise<Transfer | undefined> {
  try {
    if (!rawTransferSupported()) return undefined;
    const [js, ts] = await Promise.all([
      import('oxc-parser/src-js/generated/deserialize/js'),
      import('oxc-parser/src-js/generated/deserialize/ts'),
    ]);
    const memory = sharedMemory();
    const encoder = new TextEncoder();
    return {
      parse(path, text, options) {
        // As many bytes as UTF-8 may need; the source stands at the end, the tree grows down from it.
        const most = text.length * 3;
        const start = ACTIVE_SIZE - most;
        const source = new Uint8Array(memory.buffer, memory.byteOffset + start, most);
        const { written } = encoder.encodeInto(text, source);
        parseRawSync(path, memory.block, start, written, options);
        return (memory[IS_TS_FLAG_POS] === 0 ? js : ts).deserialize(memory, text, start, written) as Transferred;
      },
    };
  } catch {
    return undefined;
  }
}
