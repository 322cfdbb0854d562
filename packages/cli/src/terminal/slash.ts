import type { Io } from '../command.ts';
import { usageLine } from '../run/report.ts';
import type { Chat } from './chat.ts';
import type { View } from './view.ts';

export interface Slash {
  name: string;
  about: string;
  /** May be used while the model is working. */
  anytime?: boolean;
  run: (args: string[], chat: Chat, view: View, io: Io) => Promise<void>;
}

/** Commands of `ambit` that make sense inside a session: they get the terminal, then give it back. */
const passed = ['spec', 'run', 'review', 'undo', 'hooks', 'policy', 'trust', 'scan', 'log', 'steering', 'doctor'];

/** Words as a shell would cut them, without expanding anything. */
export function splitWords(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double?.replaceAll(/\\(.)/g, '$1') ?? single ?? bare ?? '',
  );
}

/** Colours of another command's output; the view paints its own. */
function stripColours(text: string): string {
  return text.replaceAll(/\u001b\[[0-9;]*m/g, '');
}

function passedCommand(name: string, summary: string): Slash {
  return {
    name,
    about: summary,
    run: async (args, _chat, view, io) => {
      let written = '';
      const kept: Io = {
        ...io,
        // Spread loses the getter: input is opened only where a command asks for it.
        get stdin() {
          return io.stdin;
        },
        out: (text) => {
          written += text;
          io.out(text);
        },
        err: (text) => {
          written += text;
          io.err(text);
        },
      };
      await view.suspend(async () => void (await io.command?.([name, ...args], kept)));
      if (view.redraws && written.trim() !== '') view.line(stripColours(written.trimEnd()));
    },
  };
}

const own: readonly Slash[] = [
  {
    name: 'help',
    about: 'what can be said here',
    anytime: true,
    run: async (_args, _chat, view) => {
      for (const { name, about } of slashCommands()) view.line(`/${name.padEnd(9)} ${about}`);
      view.line('@ completes file names; Ctrl-C stops the turn, twice leaves', 'quiet');
    },
  },
  {
    name: 'model',
    about: 'the model in use, or another one: /model provider/model',
    run: async ([name], chat, view) => {
      if (name) await chat.useModel(name);
      view.line(`model: ${chat.model}`);
    },
  },
  {
    name: 'cost',
    about: 'tokens and dollars so far',
    anytime: true,
    run: async (_args, chat, view) => view.line(usageLine(chat.session.usage)),
  },
  {
    name: 'compact',
    about: 'shorten the conversation now; spec, decisions and your words stay as they are',
    run: async (_args, chat, view) => {
      const done = await chat.session.compact(new AbortController().signal);
      view.line(done ? 'compacted' : 'there is nothing to leave out yet');
    },
  },
  {
    name: 'diff',
    about: 'what the session has changed so far',
    run: async (_args, chat, view) => {
      for (const line of await chat.diff()) {
        const tone = line.startsWith('+') ? 'good' : line.startsWith('-') ? 'bad' : 'normal';
        view.line(line, tone);
      }
    },
  },
  {
    name: 'apply',
    about: 'land what the session has changed, after a look at it',
    run: async (_args, chat) => chat.offer(),
  },
  {
    name: 'discard',
    about: 'drop what the session has changed',
    run: async (_args, chat, view) => {
      const key = await view.choose(
        ['Drop all changes of this session?'],
        [
          { key: 'y', label: 'drop them' },
          { key: 'n', label: 'keep them' },
        ],
      );
      if (key === 'y') await chat.discard();
      view.line(key === 'y' ? 'dropped' : 'kept');
    },
  },
  {
    name: 'resume',
    about: 'sessions of this workspace, or go on with one: /resume SESSION',
    run: async ([id], chat, view) => {
      if (id) return chat.resume(id);
      for (const line of await chat.sessions()) view.line(line);
    },
  },
  {
    name: 'quit',
    about: 'leave; what is not applied waits as a change set',
    anytime: true,
    run: async (_args, chat) => chat.leave(),
  },
];

const summaries: Record<string, string> = {
  spec: 'requirements, design and tasks: /spec new "…", /spec approve NAME PHASE',
  run: 'carry tasks of an approved spec out: /run NAME',
  review: 'change sets that wait: /review list, /review show ID, /review apply ID',
  undo: 'take the last applied change back',
  hooks: 'agent hooks here',
  policy: 'why something is allowed or not: /policy explain …',
  trust: 'what may instruct or run here',
  scan: 'what is wrong here',
  log: 'the audit log',
  steering: 'guidance that applies',
  doctor: 'what is present and what is missing',
};

export function slashCommands(): Slash[] {
  return [...own, ...passed.map((name) => passedCommand(name, summaries[name] ?? ''))];
}
