import type { Event, Usage } from '@ambit/core/schema';
import { showInvisible } from '@ambit/core/text';
import type { Io } from '../command.ts';

/** Text of models and tools on a terminal: control sequences and invisible characters are shown, not obeyed (C14). */
export function plainText(text: string): string {
  // Anything below U+0020 but tab and line feed moves the cursor, rings, or starts a sequence.
  return showInvisible(text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, ''));
}

export function usageLine(usage: Usage): string {
  const { inputTokens, outputTokens, cachedTokens = 0, dollars } = usage;
  const cached = cachedTokens > 0 ? ` (${cachedTokens} cached)` : '';
  const cost = dollars === undefined ? '' : `, $${dollars.toFixed(dollars < 0.1 ? 4 : 2)}`;
  return `${inputTokens} tokens in${cached}, ${outputTokens} out${cost}`;
}

const marks = { done: '✓', failed: '✗', denied: '⊘', cancelled: '–' } as const;

/** Events as lines for a person who watches; each writer gets its own. */
export function progressReport(io: Pick<Io, 'err'>, colour: boolean): (event: Event) => void {
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const summaries = new Map<string, string>();
  return (event) => {
    if (event.type === 'action.requested') summaries.set(event.action, event.summary);
    if (event.type === 'action.finished') {
      const code = event.status === 'done' ? 32 : event.status === 'denied' ? 33 : 31;
      const summary = plainText(summaries.get(event.action) ?? '');
      summaries.delete(event.action);
      const why = event.status === 'denied' ? `: ${plainText(event.text.split('\n')[0] ?? '')}` : '';
      io.err(`${paint(code, marks[event.status])} ${event.tool} ${summary}${why}\n`);
    }
    if (event.type === 'note') io.err(`${paint(event.level === 'info' ? 2 : 33, plainText(event.text))}\n`);
  };
}

/** One event a line, as documented in docs/guides/headless.md. */
export function jsonReport(io: Pick<Io, 'out'>): (event: Event) => void {
  return (event) => io.out(`${JSON.stringify(event)}\n`);
}
