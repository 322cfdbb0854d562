import * as z from 'zod/mini';
import { AmbitError } from '../errors/index.ts';
import { readToken } from './encoded.ts';
import { wordsOf } from './value.ts';

/**
 * Why a candidate is let go: a suppression is a rule too, and carries samples of both kinds. `on` is what it looks at:
 * the value, the name it is assigned to, what the name goes on with behind the telling word (`tail`), the line it stands
 * in, or the path of the file. `generic` filters do not touch
 * values whose form alone proves them.
 */
const filterSchema = z.strictObject({
  id: z.string(),
  on: z.enum(['value', 'name', 'tail', 'line', 'path']),
  generic: z.optional(z.boolean()),
  /** Case is ignored. */
  regex: z.optional(z.string()),
  /** One of them is a word of the subject (split at separators, digits and capitals). */
  words: z.optional(z.array(z.string())),
  /** All words of the subject are among these, and there is nothing else but digits and separators. */
  only: z.optional(z.array(z.string())),
  /** `false`: `only` does not hold for subjects with digits. */
  digits: z.optional(z.boolean()),
  /** The last word of the subject is one of these. */
  tail: z.optional(z.array(z.string())),
  /** The subject is a JSON Web Token whose payload has these. */
  claims: z.optional(z.record(z.string(), z.string())),
  why: z.string(),
  samples: z.optional(
    z.strictObject({
      match: z.array(z.string()).check(z.minLength(1)),
      'no-match': z.array(z.string()).check(z.minLength(1)),
    }),
  ),
});
export type Filter = z.infer<typeof filterSchema>;

/** A filter ready to be asked: true means «let it go». */
export interface CompiledFilter {
  id: string;
  on: Filter['on'];
  generic: boolean;
  refuses: (subject: string) => boolean;
}

/** Reads the `filters` of rule files; unknown fields and filters without any condition are errors. */
export function parseFilters(files: readonly { file: string; data: unknown }[]): Filter[] {
  const holder = z.object({ filters: z.optional(z.array(z.unknown())) });
  return files.flatMap(({ file, data }) => {
    const found = holder.safeParse(data);
    return (found.success ? (found.data.filters ?? []) : []).map((entry) => {
      const parsed = filterSchema.safeParse(entry);
      const filter = parsed.data;
      if (filter && (filter.regex || filter.words || filter.only || filter.tail || filter.claims)) return filter;
      const why = parsed.error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
      throw new AmbitError('input.broken', `the filter is not valid: ${why ?? 'it has no condition'}`, {
        where: file,
      });
    });
  });
}

/** `testpassword`: a word of the list, or two of them joined. */
function isMadeOf(part: string, list: ReadonlySet<string>): boolean {
  if (list.has(part)) return true;
  for (let i = 2; i <= part.length - 3; i += 1) if (list.has(part.slice(0, i)) && list.has(part.slice(i))) return true;
  return false;
}

export function compileFilter(filter: Filter): CompiledFilter {
  const regex = filter.regex === undefined ? undefined : new RegExp(filter.regex, 'i');
  const words = new Set(filter.words);
  const only = new Set(filter.only);
  const tail = new Set(filter.tail);
  const claims = Object.entries(filter.claims ?? {});
  const refuses = (subject: string): boolean => {
    if (regex?.test(subject)) return true;
    const payload = claims.length > 0 && subject.startsWith('eyJ') ? readToken(subject)?.payload : undefined;
    if (payload && claims.every(([key, value]) => payload[key] === value)) return true;
    if (words.size + only.size + tail.size === 0) return false;
    const parts = wordsOf(subject);
    if (words.size > 0 && parts.some((part) => words.has(part))) return true;
    if (
      only.size > 0 &&
      (filter.digits !== false || !/\d/.test(subject)) &&
      parts.length > 0 &&
      parts.every((part) => isMadeOf(part, only))
    )
      return true;
    return tail.size > 0 && tail.has(parts.at(-1) ?? '');
  };
  return { id: filter.id, on: filter.on, generic: filter.generic ?? false, refuses };
}
