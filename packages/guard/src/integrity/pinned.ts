import { AmbitError } from '@ambit/core/errors';
import picomatch from 'picomatch';
import * as z from 'zod/mini';

export const subjectKind = z.enum([
  'steering',
  'instructions',
  'hook',
  'agent',
  'skill',
  'power',
  'mcp',
  'mcp-tools',
  'policy',
  'settings',
]);
export type SubjectKind = z.infer<typeof subjectKind>;

const document = z.strictObject({
  pinned: z.array(
    z.strictObject({
      kind: subjectKind,
      title: z.string(),
      form: z.optional(z.literal('servers')),
      paths: z.array(z.string()),
    }),
  ),
  samples: z.optional(z.unknown()),
});

/** Which files instruct or execute: the catalogue's `policies/pinned.yaml`, compiled. */
export interface PinnedFiles {
  /** Kind of the file at this workspace-relative path, or undefined for an ordinary one. */
  kindOf: (path: string) => { kind: SubjectKind; servers: boolean } | undefined;
  /** Folders and files at the root that can hold pinned files, lower case; nothing else needs to be walked. */
  roots: ReadonlySet<string>;
  /** A pinned file may lie at the root under a name not known before (`*.code-workspace`). */
  rootPatterns: (name: string) => boolean;
}

/** Made at the first question: most sessions ask about none of them. */
function onDemand(make: () => (path: string) => boolean): (path: string) => boolean {
  let made: ((path: string) => boolean) | undefined;
  return (path) => {
    made ??= make();
    return made(path);
  };
}

/** Validates and compiles the catalogue document; refuses unknown fields. */
export function compilePinned(data: unknown, where: string): PinnedFiles {
  const parsed = document.safeParse(data);
  if (!parsed.success)
    throw new AmbitError('input.broken', 'the list of pinned files is not valid', { where, cause: parsed.error });
  const options = { dot: true, nocase: true };
  const entries = parsed.data.pinned.map((entry) => ({
    kind: entry.kind,
    servers: entry.form === 'servers',
    // Patterns are tried in file order; the first kind wins, so `mcp.json` is listed before the other settings.
    matches: onDemand(() => picomatch(entry.paths, options)),
  }));
  const firsts = parsed.data.pinned.flatMap((entry) => entry.paths.map((path) => path.split('/')[0] ?? ''));
  const wild = firsts.filter((name) => /[*?[{]/.test(name));
  return {
    kindOf: (path) => {
      const entry = entries.find((candidate) => candidate.matches(path));
      return entry && { kind: entry.kind, servers: entry.servers };
    },
    roots: new Set(firsts.filter((name) => !/[*?[{]/.test(name)).map((name) => name.toLowerCase())),
    rootPatterns: onDemand(() => picomatch(wild, options)),
  };
}
