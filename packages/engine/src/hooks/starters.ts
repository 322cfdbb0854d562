import { AmbitError } from '@ambit/core/errors';
import * as z from 'zod/mini';
import type { HookGrantEntry } from './grants.ts';
import { parseHookFile } from './parse.ts';

const document = z.strictObject({
  starters: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      hook: z.record(z.string(), z.unknown()),
      grant: z.record(z.string(), z.unknown()),
    }),
  ),
});

export interface Starter {
  id: string;
  title: string;
  /** Text of a v1 file with this one hook. */
  file: string;
  /** What its grant would say, hash included; undefined when read-only is enough. */
  grant?: HookGrantEntry;
}

/** Reads the catalogue's starter hooks; a wrong one is a broken catalogue. */
export function readStarters(data: unknown, where: string): Starter[] {
  const parsed = document.safeParse(data);
  if (!parsed.success)
    throw new AmbitError('input.broken', 'the starter hooks are not valid', { where, cause: parsed.error });
  return parsed.data.starters.map(({ id, title, hook, grant }) => {
    const file = `${JSON.stringify({ version: 'v1', hooks: [hook] }, null, 2)}\n`;
    const { hooks, problems } = parseHookFile(`.kiro/hooks/${id}.json`, file);
    const [made] = hooks;
    if (!made || problems.length > 0)
      throw new AmbitError('input.broken', `starter \`${id}\`: ${problems[0]?.message ?? 'no hook'}`, { where });
    const entry = { name: made.name, hash: made.hash, ...grant } as HookGrantEntry;
    return { id, title, file, ...(Object.keys(grant).length > 0 ? { grant: entry } : {}) };
  });
}
