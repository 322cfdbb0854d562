import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AmbitError, messageOf } from '@ambit/core/errors';
import * as z from 'zod/mini';

const effort = z.enum(['none', 'low', 'medium', 'high']);

/** Where a key comes from. Never the key itself: a plain string is refused. */
const keyReference = z.union([
  z.strictObject({ env: z.string() }),
  z.strictObject({ command: z.array(z.string()).check(z.minLength(1)) }),
  z.strictObject({ keychain: z.string() }),
]);
export type KeyReference = z.infer<typeof keyReference>;

const modelConfiguration = z.strictObject({
  /** `provider/model` for everything not named in `roles`. */
  model: z.optional(z.string()),
  effort: z.optional(effort),
  roles: z.optional(
    z.strictObject({
      author: z.optional(z.string()),
      coder: z.optional(z.string()),
      reviewer: z.optional(z.string()),
    }),
  ),
  /** Servers by name, for `--model <name>/<model>`. */
  providers: z.optional(
    z.record(
      z.string(),
      z.strictObject({
        kind: z.optional(z.string()),
        url: z.optional(z.string()),
        key: z.optional(keyReference),
        contextTokens: z.optional(z.int()),
        /** US dollars for a million tokens; what is read from a cache costs as much as the rest unless said. */
        price: z.optional(
          z.strictObject({
            input: z.number().check(z.nonnegative()),
            output: z.number().check(z.nonnegative()),
            cached: z.optional(z.number().check(z.nonnegative())),
          }),
        ),
      }),
    ),
  ),
});
export type ModelConfiguration = z.infer<typeof modelConfiguration>;

/** Checks `models.yaml` of the user's configuration, already parsed. */
export function readModelConfiguration(data: unknown, where: string): ModelConfiguration {
  if (data === null || data === undefined) return {};
  const parsed = modelConfiguration.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const what =
    issue?.code === 'unrecognized_keys' ? `\`${issue.keys.join('`, `')}\` is not known` : 'has the wrong shape';
  throw new AmbitError('input.broken', `${issue?.path.join('.') || 'the file'}: ${what}`, {
    where,
    hint: 'a key is a reference, for instance `key: { env: MY_KEY }`; see the guide on models',
  });
}

const keychainCommands: Partial<Record<NodeJS.Platform, (name: string) => string[]>> = {
  darwin: (name) => ['security', 'find-generic-password', '-w', '-s', name],
  linux: (name) => ['secret-tool', 'lookup', 'service', name],
};

async function runKeyCommand(argv: readonly string[], where: string): Promise<string> {
  const [program = '', ...args] = argv;
  try {
    const { stdout } = await promisify(execFile)(program, args, { timeout: 30_000 });
    return stdout.trim();
  } catch (error) {
    throw new AmbitError('environment', `the command for a key failed: ${messageOf(error).slice(0, 200)}`, {
      where,
      hint: `try it by hand: ${argv.join(' ')}`,
    });
  }
}

/** Fetches a key from where the user keeps it; undefined when the variable is not set. */
export async function readKey(
  reference: KeyReference,
  env: Readonly<Record<string, string | undefined>>,
  where: string,
): Promise<string | undefined> {
  if ('env' in reference) return env[reference.env];
  if ('command' in reference) return runKeyCommand(reference.command, where);
  const command = keychainCommands[process.platform];
  if (!command)
    throw new AmbitError('environment', `there is no keychain Ambit knows on ${process.platform}`, {
      where,
      hint: 'use `key: { env: NAME }` or `key: { command: [...] }`',
    });
  return runKeyCommand(command(reference.keychain), where);
}
