/** The parser's native half. Its package exports it untyped. */
declare module 'oxc-parser/src-js/bindings' {
  import type { OxcError, ParserOptions } from 'oxc-parser';

  /** Each getter hands its part over once. */
  export interface NativeResult {
    /** JSON: `node`, the tree, and `fixes`, paths to the literals that JSON cannot say. */
    readonly program: string;
    readonly errors: OxcError[];
  }
  export function parseSync(path: string, text: string, options: ParserOptions): NativeResult;

  /** Whether pointers are of the kind that the tree's readers expect. */
  export function rawTransferSupported(): boolean;
  /** Where in the memory behind `start` the parser's block may begin. */
  export function getBufferOffset(start: Uint8Array): number;
  /** Parses the `length` bytes at `start` of `block` and leaves the tree in it. */
  export function parseRawSync(
    path: string,
    block: Uint8Array,
    start: number,
    length: number,
    options: ParserOptions,
  ): void;
}

/** Sizes and places of the memory that the parser leaves its tree in. */
declare module 'oxc-parser/src-js/generated/constants' {
  export const ACTIVE_SIZE: number;
  export const BLOCK_ALIGN: number;
  export const BLOCK_SIZE: number;
  export const BUFFER_SIZE: number;
  export const IS_TS_FLAG_POS: number;
}

/** `program`, `errors` and more, as plain objects. */
declare module 'oxc-parser/src-js/generated/deserialize/js' {
  export function deserialize(memory: Uint8Array, text: string, start: number, length: number): unknown;
}

declare module 'oxc-parser/src-js/generated/deserialize/ts' {
  export function deserialize(memory: Uint8Array, text: string, start: number, length: number): unknown;
}
