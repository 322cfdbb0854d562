import { textMatcher } from '@ambit/core/policy-model';
import type { Decision, RuleVerdict } from '@ambit/core/schema';
import { programName, type Stakes } from '../commands/index.ts';
import type { Confirmation } from '../effect.ts';
import type { Resolved, ResolvedCommand } from '../grant.ts';
import { commandText, pathsOf } from './requests.ts';

const outward: ReadonlySet<string> = new Set(['destructive', 'cloud', 'publish']);

/** The command of a line that reaches furthest. */
function worst(resolved: Resolved): ResolvedCommand | undefined {
  if (resolved.kind !== 'execute') return undefined;
  const of = (name: ResolvedCommand['classes'][number]) =>
    resolved.commands.find((command) => command.classes.includes(name));
  return of('destructive') ?? of('cloud') ?? of('publish');
}

function optionValues(argv: readonly string[], wanted: (name: string) => boolean): string[] {
  return argv.flatMap((word, i) => {
    const equals = word.indexOf('=');
    if (word.startsWith('-') && equals > 0) return wanted(word.slice(0, equals)) ? [word.slice(equals + 1)] : [];
    const next = argv[i + 1];
    return wanted(word) && next !== undefined && !next.startsWith('-') ? [next] : [];
  });
}

/** What a command is about to change: named by an option, else its last plain word, else the program. */
export function resourceOf(command: ResolvedCommand, { resourceOptions, profileOptions }: Stakes): string {
  const [program = '', ...words] = command.argv;
  const named = optionValues(words, (name) => resourceOptions.some((pattern) => textMatcher(pattern)(name)))[0];
  const path = command.writes[0]?.relative ?? command.writes[0]?.absolute;
  return (
    named ??
    path ??
    words.findLast((word, i) => !word.startsWith('-') && !profileOptions.includes(words[i - 1] ?? '')) ??
    programName(program)
  );
}

/** What a human must type before an effect that cannot be undone. */
export function confirmation(resolved: Resolved, decision: Decision, stakes: Stakes): Confirmation | undefined {
  if (!decision.classes.some((one) => outward.has(one))) return undefined;
  const command = worst(resolved);
  if (!command) return undefined;
  const [profile] = optionValues(command.argv.slice(1), (name) => stakes.profileOptions.includes(name));
  return { type: resourceOf(command, stakes), ...(profile === undefined ? {} : { profile }) };
}

function mentionsProduction(command: ResolvedCommand, declared: readonly string[], stakes: Stakes): string | undefined {
  if (!command.classes.some((one) => outward.has(one))) return undefined;
  const words = command.argv.slice(1).flatMap((word) => [word, word.slice(word.indexOf('=') + 1)]);
  const flag = words.find((word) => stakes.productionFlags.includes(word));
  const patterns = [...declared, ...stakes.productionNames].map((pattern) => textMatcher(pattern.toLowerCase()));
  const hosts = command.hosts.filter((host) => declared.some((pattern) => textMatcher(pattern.toLowerCase())(host)));
  return flag ?? hosts[0] ?? words.find((word) => patterns.some((matches) => matches(word.toLowerCase())));
}

/** A path that carries a declared production name: as a whole or in one of its folders and files. */
export function productionPath(relative: string, declared: readonly string[]): RuleVerdict | undefined {
  const names = [relative, ...relative.split('/')].map((name) => name.toLowerCase());
  const pattern = declared.find((one) => names.some(textMatcher(one.toLowerCase())));
  if (pattern === undefined) return undefined;
  const reason = `\`${relative}\` carries the production name \`${pattern}\``;
  return { rule: 'destructive.production', effect: 'deny', source: 'built-in', reason };
}

/**
 * Watches one run for what a single decision cannot see: production is refused outright (C11), and something that was
 * destroyed in this run is not quietly created again.
 */
export function blastRadius(
  production: readonly string[],
  stakes: () => Stakes,
): (resolved: Resolved) => RuleVerdict[] {
  const destroyed = new Map<string, string>();
  return (resolved) => {
    const verdicts = pathsOf(resolved).flatMap(({ path, write }) =>
      write && path.relative !== undefined ? (productionPath(path.relative, production) ?? []) : [],
    );
    if (resolved.kind !== 'execute') return verdicts;
    for (const command of resolved.commands) {
      const name = mentionsProduction(command, production, stakes());
      if (name !== undefined) {
        const reason = `\`${name}\` means production, and \`${commandText(command.argv.slice(0, 3))}\` would act on it`;
        verdicts.push({ rule: 'destructive.production', effect: 'deny', source: 'built-in', reason });
      }
      if (!command.classes.some((one) => outward.has(one))) continue;
      const key = `${programName(command.argv[0] ?? '')} ${resourceOf(command, stakes())}`;
      if (command.classes.includes('destructive')) destroyed.set(key, commandText(command.argv.slice(0, 4)));
      else if (destroyed.has(key)) {
        const reason = `deletes and recreates: \`${destroyed.get(key)}\` was wanted for the same resource in this run`;
        verdicts.push({ rule: 'destructive.recreate', effect: 'ask', source: 'built-in', reason });
      }
    }
    return verdicts;
  };
}
