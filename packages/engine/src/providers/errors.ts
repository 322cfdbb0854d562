import type { ModelError } from './model.ts';

interface CallFailure {
  statusCode?: unknown;
  responseHeaders?: Record<string, string>;
  responseBody?: unknown;
}

const overflowText =
  /context[ _-]?(length|window|size)|maximum context|prompt is too long|input (is )?too long|input token count.*exceed|too many (input )?tokens|exceeds? the (maximum|available) (number of tokens|context)/i;

const transientText =
  /overloaded|rate.?limit|throttl|timed? ?out|terminated|socket|econn|network|fetch failed|temporarily|server_error|internal (server )?error|unavailable|other side closed/i;

/** Keys and tokens that a server or library may echo in an error. */
const secretText = /\b(sk-[\w-]{8,}|AIza[\w-]{10,}|Bearer\s+\S+|(?:x-)?api[-_]key["']?\s*[:=]\s*["']?[^\s"']+)/gi;

/** `retry-after` in seconds or as a date, `retry-after-ms` in milliseconds; undefined when absent or absurd. */
function retryAfter(headers: Record<string, string> | undefined, now: () => number): number | undefined {
  const exact = Number(headers?.['retry-after-ms'] ?? Number.NaN);
  if (Number.isFinite(exact) && exact >= 0) return exact;
  const text = headers?.['retry-after'];
  if (!text) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1_000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now());
}

function causes(error: unknown): string[] {
  const out: string[] = [];
  let current: unknown = error;
  for (let depth = 0; current && depth < 5; depth += 1) {
    if (current instanceof Error) {
      const code = (current as { code?: unknown }).code;
      const named = typeof code === 'string' && !current.message.includes(code);
      out.push(named ? `${current.message} (${code})` : current.message);
      current = current.cause;
    } else {
      out.push(typeof current === 'string' ? current : JSON.stringify(current));
      break;
    }
  }
  const texts = out.map((text) => text.trim()).filter(Boolean);
  // A cause is often quoted by what it caused.
  return texts.filter((text, i) => !texts.slice(0, i).some((earlier) => earlier.includes(text)));
}

function kindOf(status: number | undefined, text: string, name: string): ModelError['kind'] {
  if (overflowText.test(text) || status === 413) return 'overflow';
  if (status === 401 || status === 403) return 'access';
  if (status === 408 || status === 409 || status === 429 || (status !== undefined && status >= 500)) return 'transient';
  if (status !== undefined && status >= 400) return 'rejected';
  // A frame that is no JSON, or a stream that broke: the next try may be whole.
  if (/JSONParse|TypeValidation|InvalidResponse|EmptyResponse/.test(name)) return 'transient';
  return transientText.test(text) ? 'transient' : 'rejected';
}

/** What went wrong, told apart by what can be done about it. */
export function modelError(error: unknown, signal: AbortSignal, now: () => number = Date.now): ModelError {
  if (signal.aborted) return { kind: 'aborted', message: 'stopped' };
  const failure = (error ?? {}) as CallFailure;
  const status = typeof failure.statusCode === 'number' ? failure.statusCode : undefined;
  const said = causes(error).join(': ') || 'unknown failure';
  const body = typeof failure.responseBody === 'string' ? failure.responseBody.slice(0, 4_000) : '';
  const name = error instanceof Error ? error.name : '';
  const message = `${status === undefined ? '' : `${status} `}${said}`
    .replaceAll(secretText, '[redacted]')
    .slice(0, 600);
  const wait = retryAfter(failure.responseHeaders, now);
  return {
    kind: kindOf(status, `${said}\n${body}`, name),
    message: message.replaceAll(/\s*\n\s*/g, ' '),
    ...(status === undefined ? {} : { status }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
}
