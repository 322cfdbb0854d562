import { readFileSync } from 'node:fs';

/** What the kernel says of one mount; `flags` such as `ro`, `noexec`. */
export interface MountFact {
  at: string;
  flags: ReadonlySet<string>;
}

const decode = (text: string) =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));

export function parseMountTable(text: string): MountFact[] {
  return text
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields.length > 6)
    .map((fields) => ({ at: decode(fields[4] ?? ''), flags: new Set((fields[5] ?? '').split(',')) }));
}

export function readMountTable(): MountFact[] {
  return parseMountTable(readFileSync('/proc/self/mountinfo', 'latin1'));
}

const contains = (folder: string, path: string) => folder === '/' || path === folder || path.startsWith(`${folder}/`);

/** The mount a path lies on: of the deepest ones the last, which hides the others. */
export function mountOf(table: readonly MountFact[], path: string): MountFact | undefined {
  let best: MountFact | undefined;
  for (const mount of table) if (contains(mount.at, path) && mount.at.length >= (best?.at.length ?? 0)) best = mount;
  return best;
}

/** Mounts below a path. */
export function mountsBelow(table: readonly MountFact[], path: string): MountFact[] {
  return table.filter((mount) => mount.at !== path && contains(path, mount.at));
}
