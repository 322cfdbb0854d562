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
}
