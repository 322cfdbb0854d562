import { AmbitError } from '@ambit/core/errors';
import { findInvisible } from '@ambit/core/text';
import * as z from 'zod/mini';

const patternFile = z.strictObject({
  patterns: z.array(
    z.strictObject({
      id: z.string(),
      pattern: z.string(),
      reason: z.string(),
      samples: z.optional(z.strictObject({ match: z.array(z.string()), noMatch: z.array(z.string()) })),
    }),
  ),
});

export interface DescriptionRule {
  id: string;
  reason: string;
  pattern: RegExp;
}

/** Reads `catalog/mcp/descriptions.yaml`. */
export function readDescriptionRules(data: unknown, where: string): DescriptionRule[] {
  const parsed = z.safeParse(patternFile, data);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join('.');
    throw new AmbitError('input.broken', `not a list of patterns: ${path}`, { where });
  }
  return parsed.data.patterns.map(({ id, reason, pattern }) => ({ id, reason, pattern: new RegExp(pattern, 'is') }));
}

export interface DescriptionProblem {
  tool: string;
  rule: string;
  reason: string;
}

/** A description is for the model to read, so nothing may hide in it or give orders (C14). */
export function descriptionProblems(
  tools: readonly { name: string; description?: string | undefined; inputSchema?: unknown }[],
  rules: readonly DescriptionRule[],
): DescriptionProblem[] {
  return tools.flatMap((tool) => {
    const text = `${tool.name}\n${tool.description ?? ''}\n${JSON.stringify(tool.inputSchema ?? {})}`;
    const hidden = findInvisible(text).map(() => ({
      tool: tool.name,
      rule: 'mcp.invisible',
      reason: 'it holds invisible characters',
    }));
    const said = rules
      .filter(({ pattern }) => pattern.test(text))
      .map(({ id, reason }) => ({ tool: tool.name, rule: id, reason }));
    return [...hidden.slice(0, 1), ...said];
  });
}
