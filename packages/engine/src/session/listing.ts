import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseLine, type SessionEntry } from './log.ts';

export interface SessionSummary {
  id: string;
  path: string;
  started: string;
  changed: string;
  bytes: number;
  /** First words of the first prompt. */
  title: string;
  /** Kind of run; what a chat starts has files of its own. */
  kind: string;
}

/** Bytes read of each file: its first lines, and the beginning of a prompt however long. */
const headBytes = 64 * 1024;
const titleLength = 80;

const promptOf = (entry: SessionEntry): string | undefined => {
  const part = entry.type === 'message' && entry.message.role === 'user' ? entry.message.parts[0] : undefined;
  return part?.type === 'text' ? part.text : undefined;
};

/** The first words of a prompt whose line goes on beyond what was read. */
function cutPrompt(line: string): string | undefined {
  const words = /^\{[^{]*"type":"message","message":\{"role":"user".*?"text":"((?:[^"\\]|\\.){1,2000})/s.exec(
    line,
  )?.[1];
  return words === undefined ? undefined : (JSON.parse(`"${words}"`) as string);
}

async function readHead(path: string): Promise<{ lines: string[]; rest: string; bytes: number; changed: Date }> {
  const file = await open(path, 'r');
  try {
    const { size, mtime } = await file.stat();
    const head = Buffer.alloc(Math.min(size, headBytes));
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const lines = head.subarray(0, bytesRead).toString().split('\n');
    const rest = lines.pop() ?? '';
    return { lines, rest, bytes: size, changed: mtime };
  } finally {
    await file.close();
  }
}

async function summarize(folder: string, name: string): Promise<SessionSummary | undefined> {
  const path = join(folder, name);
  try {
    const { lines, rest, bytes, changed } = await readHead(path);
    const entries = lines.map(parseLine).filter((entry) => entry !== undefined);
    const [first] = entries;
    if (!first) return undefined;
    const prompt = entries.map(promptOf).find((text) => text !== undefined) ?? cutPrompt(rest);
    return {
      id: name.replace(/\.jsonl$/, ''),
      path,
      started: first.time,
      changed: changed.toISOString(),
      bytes,
      title: prompt?.replaceAll(/\s+/g, ' ').slice(0, titleLength) ?? '(no prompt)',
      kind: first.type === 'session' ? first.kind : 'chat',
    };
  } catch {
    return undefined;
  }
}

/** Sessions of a workspace, newest first; unreadable ones are left out. Reads the beginning of each file only. */
export async function listSessions(folder: string): Promise<SessionSummary[]> {
  const names = await readdir(folder).catch(() => []);
  const all = await Promise.all(names.filter((name) => name.endsWith('.jsonl')).map((name) => summarize(folder, name)));
  return all.filter((entry) => entry !== undefined).sort((a, b) => (a.id < b.id ? 1 : -1));
}
