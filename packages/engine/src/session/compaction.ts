import { estimateTokens } from '../agent/estimate.ts';
import { userMessage } from '../agent/types.ts';
import { collect } from '../providers/collect.ts';
import type { Message, ModelClient } from '../providers/model.ts';
import { clip } from '../tools/text.ts';

/** What outlives every compaction word for word. */
export interface Kept {
  /** By name: the spec, the open task, decisions. */
  texts: ReadonlyMap<string, string>;
  /** What people said, oldest first. */
  said: readonly string[];
  /** Files changed so far. */
  written: readonly string[];
}

export interface CompactionOptions {
  model: ModelClient;
  kept: () => Promise<Kept>;
  contextTokens: number;
}

/** Share of the context that the newest messages keep. */
const tailShare = 0.25;
const saidBytes = 24_000;
const resultBytes = 4_000;
const summaryBytes = 12_000;

const instruction = `Summarise this coding session so that it can go on without its history. Keep every decision and its reason, \
every fact learnt about the code, names, paths, commands that work, what is done, what failed and why, what is open. \
Carry over all of an earlier summary that still holds. Plain sentences, no preamble.`;

/** Where the newest messages begin that fit the share; never with a tool result, whose call would be lost. */
function tailStart(messages: readonly Message[], tokens: number): number {
  let start = messages.length;
  let sum = 0;
  for (let i = messages.length - 1; i >= 0; i -= 1) {
    const message = messages[i];
    if (!message) break;
    sum += estimateTokens([message]);
    if (sum > tokens && start < messages.length) break;
    if (message.role !== 'tool') start = i;
  }
  return start;
}

function transcribe(message: Message): string {
  return message.parts
    .map((part) => {
      if (part.type === 'image') return '[image]';
      if (part.type === 'call') return `CALL ${part.name} ${clip(part.arguments, 1_500).text}`;
      if (part.type === 'result')
        return `RESULT ${part.name}${part.failed ? ' (failed)' : ''}: ${clip(part.text, 1_500).text}`;
      return `${message.role.toUpperCase()}: ${clip(part.text, 6_000).text}`;
    })
    .join('\n');
}

/** Without a model: what was called and how it went, shortened from the front. */
function mechanical(head: readonly Message[]): string {
  const lines = head.flatMap((message) =>
    message.parts.flatMap((part) => {
      if (part.type === 'call') return [`called ${part.name} ${clip(part.arguments, 160).text.replaceAll('\n', ' ')}`];
      if (part.type === 'result')
        return [`  ${part.failed ? 'failed' : 'done'}: ${clip(part.text, 160).text.replaceAll('\n', ' ')}`];
      return part.type === 'text' && message.role === 'assistant' ? [`said: ${clip(part.text, 400).text}`] : [];
    }),
  );
  return Buffer.from(lines.join('\n')).subarray(-summaryBytes).toString();
}

async function summarize(head: readonly Message[], options: CompactionOptions, signal: AbortSignal): Promise<string> {
  const room = Math.round(options.contextTokens * 4 * 0.6);
  const transcript = Buffer.from(head.map(transcribe).join('\n\n')).subarray(-room).toString();
  const request = { system: instruction, messages: [userMessage(transcript)], tools: [] };
  const answer = await collect(options.model, request, signal);
  return answer.error || answer.text.trim() === '' ? mechanical(head) : clip(answer.text, summaryBytes).text;
}

/** The newest of what people said, whole messages first, as much as there is room for; the first prompt always. */
export function keptSayings(said: readonly string[]): string[] {
  const [first, ...rest] = said;
  if (first === undefined) return [];
  const opening = clip(first, saidBytes / 2).text;
  let room = saidBytes - Buffer.byteLength(opening);
  const newest: string[] = [];
  for (const text of rest.toReversed()) {
    const shown = clip(text, 4_000).text;
    room -= Buffer.byteLength(shown);
    if (room < 0) break;
    newest.unshift(shown);
  }
  return [opening, ...newest];
}

function section(title: string, body: string): string[] {
  return body === '' ? [] : [`## ${title}\n${body}`];
}

/**
 * A summary is made of what was read, orders of others included: it stands under its own heading and has none of its own,
 * so that nothing in it passes for what people said. SECURITY: held by compaction.test.ts.
 */
const asNotes = (summary: string): string =>
  summary === ''
    ? ''
    : `(Notes made from what was read and done; nobody said them.)\n${summary.replaceAll(/^[\s>]*(?:#+|[=-]{3,}\s*$)/gm, '·')}`;

export function compactedText(kept: Kept, summary: string): string {
  return [
    '(The conversation so far was compacted. What follows under the first headings is word for word.)',
    ...[...kept.texts].flatMap(([name, text]) => section(name, text)),
    ...section(
      'What people said',
      keptSayings(kept.said)
        .map((text) => `- ${text}`)
        .join('\n'),
    ),
    ...section('Files changed so far', kept.written.join('\n')),
    ...section('Summary', asNotes(summary)),
  ].join('\n\n');
}

/** Long results in what stays are shortened: one of them can be larger than everything else. */
function shortened(message: Message): Message {
  if (message.role !== 'tool') return message;
  const parts = message.parts.map(({ images: _images, ...part }) => {
    const { text, clipped } = clip(part.text, resultBytes);
    return clipped ? { ...part, text: `${text}\n(shortened; ask again if you need the rest)` } : part;
  });
  return { role: 'tool', parts };
}

/** A history that fits: what is kept word for word, a summary, and the newest messages. Undefined when there is no head. */
export async function compactHistory(
  messages: readonly Message[],
  options: CompactionOptions,
  signal: AbortSignal,
): Promise<Message[] | undefined> {
  const start = tailStart(messages, options.contextTokens * tailShare);
  const head = messages.slice(0, start);
  if (head.length === 0) {
    const tail = messages.map(shortened);
    return estimateTokens(tail) < estimateTokens(messages) ? tail : undefined;
  }
  const summary = await summarize(head, options, signal);
  if (signal.aborted) return undefined;
  return [userMessage(compactedText(await options.kept(), summary)), ...messages.slice(start).map(shortened)];
}
