import { createInterface, type Interface } from 'node:readline';
import { plainText } from '../run/report.ts';
import type { Choice, View } from './view.ts';

export interface PlainStreams {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
}

interface Lines {
  streams: PlainStreams;
  reader?: Interface;
  onLine: (text: string) => void;
  onInterrupt: () => void;
  /** Somebody waits for an answer instead of a prompt. */
  waiting?: (text: string) => void;
  inMessage: boolean;
  lastStatus: string;
  lastPane: string;
  /** Newest first, as readline keeps it. */
  history: string[];
}

function answer(lines: Lines, text: string): boolean {
  const { waiting } = lines;
  delete lines.waiting;
  waiting?.(text);
  return waiting !== undefined;
}

function open(lines: Lines): void {
  const { input, output } = lines.streams;
  const reader = createInterface({ input, output, terminal: true, historySize: 500, history: lines.history });
  lines.reader = reader;
  reader.setPrompt('> ');
  reader.on('line', (text) => {
    if (!answer(lines, text)) lines.onLine(text);
  });
  reader.on('SIGINT', () => {
    if (!answer(lines, '')) lines.onInterrupt();
  });
  // End of input (Ctrl-D, a closed pipe) leaves, like a second Ctrl-C.
  reader.on('close', () => {
    if (lines.reader !== reader) return;
    delete lines.reader;
    answer(lines, '');
    lines.onInterrupt();
    lines.onInterrupt();
  });
}

function shut(lines: Lines): void {
  const reader = lines.reader as (Interface & { history?: string[] }) | undefined;
  delete lines.reader;
  if (reader?.history) lines.history = [...reader.history];
  reader?.close();
}

function endMessage(lines: Lines): void {
  if (lines.inMessage) lines.streams.output.write('\n');
  lines.inMessage = false;
}

function ask(lines: Lines, question: string): Promise<string> {
  lines.streams.output.write(`${plainText(question)} `);
  return new Promise((resolve) => {
    lines.waiting = resolve;
  });
}

async function choose(lines: Lines, choices: readonly Choice[]): Promise<string> {
  const last = choices.at(-1)?.key ?? '';
  const shown = choices.map(({ key, label }) => `[${key}] ${label}`).join('  ');
  for (let tries = 0; tries < 3; tries += 1) {
    const typed = (await ask(lines, `${shown}:`)).trim().toLowerCase();
    if (typed === '') return last;
    const found = choices.find(({ key, label }) => key === typed || label.toLowerCase() === typed);
    if (found) return found.key;
  }
  return last;
}

const paneColumns = 100;
const paneRows = 40;

/** Lines in order, nothing redrawn, nothing moves: for screen readers, logs and dumb terminals. */
export function plainView(streams: PlainStreams): View {
  const nothing = () => undefined;
  const lines: Lines = {
    ...{ streams, onLine: nothing, onInterrupt: nothing, inMessage: false },
    ...{ lastStatus: '', lastPane: '', history: [] },
  };
  const write = (text: string) => void streams.output.write(plainText(text));
  return {
    redraws: false,
    start: (onLine, onInterrupt) => {
      Object.assign(lines, { onLine, onInterrupt });
      open(lines);
      lines.reader?.prompt();
    },
    line: (text) => {
      endMessage(lines);
      write(`${text}\n`);
    },
    delta: (text) => {
      lines.inMessage = true;
      write(text);
    },
    endMessage: () => endMessage(lines),
    status: (text, busy) => {
      if (!busy && text !== lines.lastStatus) write(`${text}\n`);
      lines.lastStatus = text;
      if (!busy) lines.reader?.prompt();
    },
    choose: (title, choices) => {
      for (const text of title) write(`${text}\n`);
      return choose(lines, choices);
    },
    ask: (question) => ask(lines, question),
    pane: (draw) => {
      const text = draw?.(paneColumns, paneRows).join('\n') ?? '';
      // Said once; nothing on a line-by-line screen can stay in place.
      if (text !== '' && text !== lines.lastPane) write(`${text}\n`);
      lines.lastPane = text;
    },
    history: (prompts) => {
      lines.history = [...prompts].reverse();
      if (lines.reader) {
        shut(lines);
        open(lines);
      }
    },
    draft: (text) => lines.reader?.write(text),
    suspend: async (work) => {
      shut(lines);
      try {
        return await work();
      } finally {
        open(lines);
      }
    },
    stop: async () => shut(lines),
  };
}
