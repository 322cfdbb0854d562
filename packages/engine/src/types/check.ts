import { posix } from 'node:path';
import { type FoundError, languageServer, type TypeServer, tsserver } from './server.ts';

/** What the check may see and start; the session wires it over the working copy and the sandbox. */
export interface TypePorts {
  /** Path of the workspace, as commands see it. */
  workspace: string;
  exists: (relative: string) => Promise<boolean>;
  /** Text of a file as the run sees it. */
  read: (relative: string) => Promise<string | undefined>;
  /** Text before the run touched it; undefined when it is new. */
  base: (relative: string) => Promise<string | undefined>;
  /** Starts a program in the sandbox; undefined when the policy does not simply allow it. */
  start: (
    line: (input: string) => string,
    onOutput: (data: Uint8Array) => void,
    onEnd: () => void,
  ) => Promise<{ write: (text: string) => Promise<void>; stop: () => Promise<void> } | undefined>;
}

export interface TypeCheck {
  /** New type errors of a file with this text, and of the files changed before it; empty when nothing can be said. */
  problems: (relative: string, text: string) => Promise<string[]>;
  /** A command has run: what is on disk may have changed. */
  stale: () => void;
  stop: () => Promise<void>;
}

/** The first answer includes loading the project; later ones build on it. */
const firstMs = 10_000;
const laterMs = 4_000;
/** So many answers that came too late end the check for this run. */
const lateMost = 2;
/** Files changed before that are looked at again: a changed signature breaks its callers. */
const othersMost = 12;
const shownMost = 5;

const checked = /\.[cm]?tsx?$/;

/** From the file's folder up: the nearest `tsconfig.json`, and the nearest TypeScript. */
async function findUp(ports: TypePorts, from: string, name: string): Promise<string | undefined> {
  for (let folder = posix.dirname(from); ; folder = posix.dirname(folder)) {
    const path = folder === '.' ? name : `${folder}/${name}`;
    if (await ports.exists(path)) return path;
    if (folder === '.' || folder === '/') return undefined;
  }
}

interface Live {
  server: TypeServer;
  stop: () => Promise<void>;
  late: number;
  answered: boolean;
  stale: boolean;
}

const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/** The project's own language server: of TypeScript up to 6, else of 7. */
const servers = [
  { script: 'node_modules/.bin/tsserver', kind: 'tsserver' },
  { script: 'node_modules/.bin/tsc', kind: 'lsp' },
] as const;

// No downloads of type packages.
const argumentsOf = {
  tsserver: '--disableAutomaticTypingAcquisition --suppressDiagnosticEvents',
  lsp: '--lsp --stdio',
};

async function startServer(ports: TypePorts, script: string, kind: 'tsserver' | 'lsp'): Promise<Live | undefined> {
  let write: (text: string) => Promise<void> = async () => undefined;
  const say = (text: string) => write(text);
  const server = kind === 'tsserver' ? tsserver(say) : languageServer(say, ports.workspace);
  const line = (input: string) => `${quote(script)} ${argumentsOf[kind]} < ${quote(input)}`;
  const started = await ports.start(line, server.heard, server.ended);
  if (!started) return undefined;
  ({ write } = started);
  return { server, stop: started.stop, late: 0, answered: false, stale: false };
}

const key = ({ code, text }: FoundError) => `${code} ${text}`;

/** Errors that were not there before, each as often as it is new. */
function fresh(now: readonly FoundError[], before: readonly FoundError[]): FoundError[] {
  const known = new Map<string, number>();
  for (const one of before) known.set(key(one), (known.get(key(one)) ?? 0) + 1);
  return now.filter((one) => {
    const left = known.get(key(one)) ?? 0;
    if (left > 0) known.set(key(one), left - 1);
    return left === 0;
  });
}

/**
 * Type errors right after an edit, from the project's own TypeScript, running in the sandbox over the working copy. Errors that stood there before the run are not the model's concern and are left
 * out. Starts nothing before the first TypeScript file with a `tsconfig.json` above it; slow answers say nothing.
 */
export function typeCheck(ports: TypePorts): TypeCheck {
  const before = new Map<string, FoundError[]>();
  let starting: Promise<Live | undefined> | undefined;
  let off = false;

  const serverFor = async (relative: string): Promise<Live | undefined> => {
    if (!(await findUp(ports, relative, 'tsconfig.json'))) return undefined;
    for (const { script, kind } of starting ? [] : servers) {
      const found = await findUp(ports, relative, script);
      if (found) starting ??= startServer(ports, found, kind).catch(() => undefined);
    }
    return starting;
  };
  const ask = async (live: Live, relative: string, text: string): Promise<FoundError[] | undefined> => {
    const wait = live.answered ? laterMs : firstMs;
    const found = await live.server.errors(`${ports.workspace}/${relative}`, text, wait);
    if (found) live.answered = true;
    else live.late += 1;
    if (live.late >= lateMost || !live.server.alive) off = true;
    return found;
  };
  const newErrors = async (live: Live, relative: string, text: string): Promise<FoundError[]> => {
    if (!before.has(relative)) {
      const base = await ports.base(relative);
      const old = base === undefined ? [] : await ask(live, relative, base);
      if (!old) return [];
      before.set(relative, old);
    }
    return fresh((await ask(live, relative, text)) ?? [], before.get(relative) ?? []);
  };
  const problems = async (relative: string, text: string): Promise<string[]> => {
    if (off || !checked.test(relative)) return [];
    const live = await serverFor(relative);
    if (!live) return [];
    if (live.stale) await live.server.reload();
    live.stale = false;
    const others = [...before.keys()].filter((path) => path !== relative).slice(-othersMost);
    const lines: string[] = [];
    for (const [path, content] of [[relative, text] as const, ...others.map((path) => [path, undefined] as const)]) {
      const now = content ?? (await ports.read(path));
      if (off || now === undefined || lines.length >= shownMost) continue;
      for (const error of await newErrors(live, path, now))
        lines.push(`${path}:${error.line}: ${error.text.replaceAll(/\s+/g, ' ').slice(0, 300)} (TS${error.code})`);
    }
    if (off) await live.stop();
    return lines.slice(0, shownMost);
  };
  // One at a time: each question changes what the server holds open.
  let order: Promise<unknown> = Promise.resolve();
  return {
    problems: (relative, text) => {
      const next = order.then(() => problems(relative, text)).catch(() => []);
      order = next;
      return next;
    },
    stale: () => {
      void starting?.then((live) => {
        if (live) live.stale = true;
      });
    },
    stop: async () => {
      off = true;
      await (await starting)?.stop();
    },
  };
}
