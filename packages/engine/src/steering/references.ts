import { messageOf } from '@ambit/core/errors';

/** `#[[file:relative/path]]`, as Kiro writes it in steering and spec documents. */
const reference = /#\[\[file:([^\]\n]+)\]\]/g;

export interface ReferenceLimits {
  /** Longest one referenced file may be, in bytes; the rest is cut and said. */
  file: number;
  /** Longest all referenced files of one document may be together. */
  total: number;
}

export const referenceLimits: ReferenceLimits = { file: 32 * 1024, total: 128 * 1024 };

/** Paths a document refers to, in order, each once. */
export function referencesOf(text: string): string[] {
  return [...new Set([...text.matchAll(reference)].map((match) => (match[1] ?? '').trim()))];
}

/** Reads one file of the workspace through the door; rejects what policy does not allow. */
export type ReadReference = (path: string) => Promise<string>;

function fence(path: string, text: string): string {
  const ticks = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map((match) => match[0].length + 1)));
  return `\n${path}:\n${ticks}\n${text.endsWith('\n') ? text : `${text}\n`}${ticks}\n`;
}

/**
 * The document with the referenced files appended, each fenced under its path, so that their text cannot pass for the
 * document's own. References inside referenced files are not followed. Unreadable ones are named, never silently empty.
 */
export async function withReferences(text: string, read: ReadReference, limits = referenceLimits): Promise<string> {
  let room = limits.total;
  let out = text;
  for (const path of referencesOf(text)) {
    let content: string;
    try {
      content = await read(path);
    } catch (error) {
      out += `\n${path}: not included: ${messageOf(error)}\n`;
      continue;
    }
    const limit = Math.min(limits.file, room);
    const cut = content.length > limit;
    const kept = cut ? content.slice(0, limit) : content;
    room -= kept.length;
    out += fence(path, cut ? `${kept}\n… cut: ${content.length - kept.length} more characters` : kept);
  }
  return out;
}
