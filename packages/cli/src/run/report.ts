import type { Event, EventOf, Usage } from '@ambit/core/schema';
import { showInvisible } from '@ambit/core/text';
import type { Io } from '../command.ts';

/** Text of models and tools on a terminal: control sequences and invisible characters are shown, not obeyed (C14). */
export function plainText(text: string): string {
  // Anything below U+0020 but tab and line feed moves the cursor, rings, or starts a sequence.
  return showInvisible(text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, ''));
}

/** The same for what must stay on one line: paths, flags, refusals. */
export function lineText(text: string): string {
  return plainText(text).replaceAll('\n', '⟨U+000A⟩');
}

export function usageLine(usage: Usage): string {
  const { inputTokens, outputTokens, cachedTokens = 0, dollars } = usage;
  const cached = cachedTokens > 0 ? ` (${cachedTokens} cached)` : '';
  const cost = dollars === undefined ? '' : `, $${dollars.toFixed(dollars < 0.1 ? 4 : 2)}`;
  return `${inputTokens} tokens in${cached}, ${outputTokens} out${cost}`;
}

const marks = { done: '✓', failed: '✗', denied: '⊘', cancelled: '–' } as const;

/** A finished step as one line, its status beside it. */
export interface StepLine {
  status: EventOf<'action.finished'>['status'];
  text: string;
}

/** Follows steps from their request to their end; undefined for what is no end of a step, or only part of another one. */
export function stepLines(): (event: Event) => StepLine | undefined {
  const asked = new Map<string, EventOf<'action.requested'>>();
  return (event) => {
    if (event.type === 'action.requested') asked.set(event.action, event);
    if (event.type !== 'action.finished') return undefined;
    const { action, status, tool, text } = event;
    const request = asked.get(action);
    asked.delete(action);
    // An edit that looked first: its change is the step.
    if (status === 'done' && request?.kind === 'read' && tool === 'edit') return undefined;
    const why = status === 'denied' ? `: ${text.split('\n')[0] ?? ''}` : '';
    return { status, text: lineText(`${marks[status]} ${tool} ${request?.summary ?? ''}${why}`) };
  };
}

/** Events as lines for a person who watches; each writer gets its own. */
export function progressReport(io: Pick<Io, 'err'>, colour: boolean): (event: Event) => void {
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const follow = stepLines();
  return (event) => {
    const step = follow(event);
    if (step) {
      const code = step.status === 'done' ? 32 : step.status === 'denied' ? 33 : 31;
      io.err(`${paint(code, step.text.slice(0, 1))}${step.text.slice(1)}\n`);
    }
    if (event.type === 'note') io.err(`${paint(event.level === 'info' ? 2 : 33, plainText(event.text))}\n`);
  };
}

/** What a terminal or reader takes for something else: controls, direction, what is not seen, tags. */
const deceiving = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb\udb40]/g;

/** One event a line, as documented in docs/guides/headless.md; deceiving characters are escaped, which changes no value. */
export function jsonReport(io: Pick<Io, 'out'>): (event: Event) => void {
  return (event) => io.out(`${jsonLine(event)}\n`);
}

/** JSON without raw characters that are not what they look like. */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replaceAll(deceiving, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
