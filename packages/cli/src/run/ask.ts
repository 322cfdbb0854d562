import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GatePorts } from '@ambit/guard';
import type { Io } from '../command.ts';
import { question } from '../question.ts';
import type { PickPorts } from '../review-pick.ts';
import { approvals } from '../terminal/approval.ts';
import { plainText } from './report.ts';

/** Line by line at the terminal a command was started from. */
export function terminalPick(io: Io): PickPorts {
  return {
    line: (text) => io.err(`${plainText(text)}\n`),
    choose: async (title, choices) => {
      for (const line of title) io.err(`${painted(plainText(line), io.colour)}\n`);
      const keys = choices.map(({ key, label }) => `${key} ${label}`).join(', ');
      for (;;) {
        const answer = (await question(io, `[${keys}] `)).trim().toLowerCase();
        const found = choices.find(({ key }) => key === answer);
        if (found) return found.key;
      }
    },
  };
}

function painted(line: string, colour: boolean): string {
  const code = line.startsWith('+') ? 32 : line.startsWith('-') ? 31 : line.startsWith('@@') ? 36 : 0;
  return colour && code > 0 ? `\u001b[${code}m${line}\u001b[39m` : line;
}

/** Questions of a run at the terminal it was started from, one at a time whatever runs beside each other. */
export function terminalAsk(io: Io, workspace: string): NonNullable<GatePorts['ask']> {
  let last: Promise<unknown> = Promise.resolve();
  const ask = approvals(
    {
      line: (text) => io.err(`${plainText(text)}\n`),
      ask: (text) => question(io, `${plainText(text)} `),
      choose: async (title, choices) => {
        for (const line of title) io.err(`${plainText(line)}\n`);
        const keys = choices.map(({ key, label }) => `${key} ${label}`).join(', ');
        const answer = (await question(io, `[${keys}] `)).trim().toLowerCase();
        // Anything but one of the letters is the last choice: no.
        return choices.find(({ key }) => key === answer)?.key ?? choices.at(-1)?.key ?? 'n';
      },
    },
    (path) => readFile(join(workspace, path), 'utf8').catch(() => undefined),
  );
  return (asked) => {
    const turn = last.then(() => ask(asked));
    last = turn.catch(() => undefined);
    return turn;
  };
}
