/** What kind of failure, from which the command line derives its exit code (design, «Command line»). */
export type ErrorCode =
  | 'usage'
  | 'input.broken'
  | 'input.missing'
  | 'state.broken'
  | 'state.locked'
  | 'denied'
  | 'needs-human'
  | 'model.failed'
  | 'environment'
  | 'interrupted';

export interface ErrorDetails {
  /** File or address, with a line where there is one: `tasks.md:12`. */
  where?: string;
  /** What the reader can do about it, as one sentence. */
  hint?: string;
  cause?: unknown;
}

/**
 * The one class thrown on purpose: a broken environment, broken input or a bug's edge. Expected outcomes are values.
 * Compare `code`, never `instanceof`: the class may exist twice in a split bundle.
 */
export class AmbitError extends Error {
  readonly code: ErrorCode;
  readonly where: string | undefined;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'AmbitError';
    this.code = code;
    this.where = details.where;
    this.hint = details.hint;
  }
}

const codes: ReadonlySet<string> = new Set<ErrorCode>([
  'usage',
  'input.broken',
  'input.missing',
  'state.broken',
  'state.locked',
  'denied',
  'needs-human',
  'model.failed',
  'environment',
  'interrupted',
]);

export function isAmbitError(error: unknown): error is AmbitError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.has(error.code);
}

/** Text of anything thrown, one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s*\n\s*/g, ' ');
}
