import { createInterface, type Interface } from 'node:readline';
import { plainText } from '../run/report.ts';
import type { Choice, View } from './view.ts';

export interface PlainStreams {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
}

/** Lines in order, nothing redrawn, nothing moves: for screen readers, logs and dumb terminals. */
export function plainView({ input, output }: PlainStreams): View {
  let lines: Interface | undefined;
  let listener: (text: string) => void = () => undefined;
  let interrupt: () => void = () => undefined;
  let waiting: ((text: string) => void) | undefined;
  let inMessage = false;
  let lastStatus = '';
  const write = (text: string) => void output.write(text);
  const open = () => {
    const made = createInterface({ input, output, terminal: true, historySize: 500 });
    lines = made;
    made.setPrompt('> ');
    made.on('line', (text) => {
      const answer = waiting;
      waiting = undefined;
      if (answer) answer(text);
      else listener(text);
    });
    made.on('SIGINT', () => {
      const answer = waiting;
      waiting = undefined;
      if (answer) answer('');
      else interrupt();
    });
    // End of input (Ctrl-D, a closed pipe) leaves, like a second Ctrl-C.
    made.on('close', () => {
      if (lines !== made) return;
      lines = undefined;
      const answer = waiting;
      waiting = undefined;
      answer?.('');
      interrupt();
      interrupt();
    });
  };
  const shut = () => {
    const open = lines;
    lines = undefined;
    open?.close();
  };
  const ask = (question: string): Promise<string> => {
    write(`${plainText(question)} `);
    return new Promise((resolve) => {
      waiting = resolve;
    });
  };
  return {
    start: (onLine, onInterrupt) => {
      listener = onLine;
      interrupt = onInterrupt;
      open();
      lines?.prompt();
    },
    line: (text) => {
      if (inMessage) write('\n');
      inMessage = false;
      write(`${plainText(text)}\n`);
    },
    delta: (text) => {
      inMessage = true;
      write(plainText(text));
    },
    endMessage: () => {
      if (inMessage) write('\n');
      inMessage = false;
    },
    status: (text, busy) => {
      if (!busy && text !== lastStatus) write(`${plainText(text)}\n`);
      lastStatus = text;
      if (!busy) lines?.prompt();
    },
    choose: async (title, choices) => {
      for (const text of title) write(`${plainText(text)}\n`);
      return chooseByLetter(ask, choices);
    },
    ask,
    redraws: false,
    suspend: async (work) => {
      shut();
      try {
        return await work();
      } finally {
        open();
      }
    },
    stop: async () => shut(),
  };
}

async function chooseByLetter(ask: (question: string) => Promise<string>, choices: readonly Choice[]): Promise<string> {
  const last = choices.at(-1)?.key ?? '';
  const shown = choices.map(({ key, label }) => `[${key}] ${label}`).join('  ');
  for (let tries = 0; tries < 3; tries += 1) {
    const answer = (await ask(`${shown}:`)).trim().toLowerCase();
    if (answer === '') return last;
    const found = choices.find(({ key, label }) => key === answer || label.toLowerCase() === answer);
    if (found) return found.key;
  }
  return last;
}
