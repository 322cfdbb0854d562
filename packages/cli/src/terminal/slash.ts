import type { Io } from '../command.ts';
import { usageLine } from '../run/report.ts';
import type { Chat } from './chat.ts';
import { specNames } from './pane.ts';
import type { View } from './view.ts';

export interface Slash {
  name: string;
  about: string;
  /** May be used while the model is working. */
  anytime?: boolean;
  /** What may follow, for completion. */
  follows?: (chat: Chat) => Promise<readonly string[]>;
  run: (args: string[], chat: Chat, view: View, io: Io) => Promise<void>;
}

/** Commands of `ambit` that make sense inside a session: they get the terminal, then give it back. */
const passed = ['run', 'review', 'undo', 'hooks', 'policy', 'trust', 'scan', 'log', 'steering', 'doctor'];

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

/** Runs another command of Ambit with the terminal to itself. Ctrl-C ends that command, twice the session too. */
async function passOn(argv: string[], chat: Chat, view: View, io: Io): Promise<void> {
  const stop = new AbortController();
  const release = io.onInterrupt?.(() => {
    if (stop.signal.aborted) chat.leave();
    stop.abort();
  });
  let written = '';
  const kept: Io = {
    ...io,
    signal: AbortSignal.any([io.signal, stop.signal]),
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
  try {
    await view.suspend(async () => void (await io.command?.(argv, kept)));
  } finally {
    release?.();
  }
  if (view.redraws && written.trim() !== '') view.line(stripColours(written.trimEnd()));
  if (stop.signal.aborted) view.line(`/${argv[0]} was stopped`, 'warning');
}

function passedCommand(name: string, summary: string): Slash {
  return {
    name,
    about: summary,
    ...(name === 'run' ? { follows: (chat: Chat) => specNames(chat.bench) } : {}),
    run: (args, chat, view, io) => passOn([name, ...args], chat, view, io),
  };
}

/** Verbs of `ambit spec`; anything else after `/spec` is the name of a spec to show. */
const specVerbs: ReadonlySet<string> = new Set(
  'new list show check approve criteria trace drift attest import export sync analyze --help -h'.split(' '),
);

async function specCommand(args: string[], chat: Chat, view: View, io: Io): Promise<void> {
  const [first] = args;
  if (first !== undefined && specVerbs.has(first)) {
    const known = await specNames(chat.bench);
    await passOn(['spec', ...args], chat, view, io);
    const fresh = (await specNames(chat.bench)).find((name) => !known.includes(name));
    if (fresh !== undefined) await chat.showSpec(fresh);
    return;
  }
  if (first === 'off') return chat.showSpec(undefined);
  const names = await specNames(chat.bench);
  const [only] = names;
  if (first !== undefined) return chat.showSpec(first);
  if (names.length === 1 && only !== undefined) return chat.showSpec(only);
  await passOn(['spec', 'list'], chat, view, io);
  if (names.length > 1) view.line('to keep one in view: /spec NAME', 'quiet');
}

/** At most this many prompts are offered to go back to: one letter each. */
const letters = 'abcdefghijklm';

async function rewindCommand(chat: Chat, view: View): Promise<void> {
  const points = (await chat.turns()).slice(-letters.length).reverse();
  if (points.length === 0) return view.line('nothing was said yet');
  const choices = points.map(({ prompt, time, pending }, i) => {
    const said = prompt.replaceAll(/\s+/g, ' ').slice(0, 60);
    const files = pending > 0 ? `, ${pending} files not applied` : '';
    return { key: letters[i] ?? '', label: `${time.slice(11, 16)} "${said}"${files}` };
  });
  const title = ['Go back to before which prompt? Files and conversation; what was applied since is taken back.'];
  const key = await view.choose(title, [...choices, { key: 'q', label: 'stay here' }]);
  const chosen = points[letters.indexOf(key)];
  if (key !== 'q' && chosen) await chat.rewind(chosen);
}

const own: readonly Slash[] = [
  {
    name: 'help',
    about: 'what can be said here',
    anytime: true,
    run: async (_args, _chat, view) => {
      for (const { name, about } of slashCommands()) view.line(`/${name.padEnd(9)} ${about}`);
      view.line('@ completes file names, Tab commands; Ctrl-C stops the turn, twice leaves', 'quiet');
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
    about: 'tokens and dollars, prompt by prompt',
    anytime: true,
    run: async (_args, chat, view) => {
      for (const { prompt, usage } of await chat.costs())
        if (usage) view.line(`${usageLine(usage)}  "${prompt.replaceAll(/\s+/g, ' ').slice(0, 50)}"`, 'quiet');
      view.line(`in all: ${usageLine(chat.session.usage)}`);
    },
  },
  {
    name: 'spec',
    about: 'a spec and its tasks in view: /spec NAME, /spec off; or /spec new "…", /spec approve NAME PHASE',
    follows: async (chat) => [...(await specNames(chat.bench)), 'new', 'approve', 'check', 'trace', 'off'],
    run: specCommand,
  },
  {
    name: 'rewind',
    about: 'back to before one of your prompts, files and conversation',
    run: (_args, chat, view) => rewindCommand(chat, view),
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
    follows: async (chat) => (await chat.sessions()).map((line) => line.split(' ')[0] ?? ''),
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
  run: 'carry tasks of an approved spec out: /run NAME',
  review: 'change sets that wait: /review list, show, pick (hunk by hunk), apply, reject',
  undo: 'take the last applied change back; /undo --list, /undo POINT',
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
