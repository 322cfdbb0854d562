import type { RuleVerdict } from '@ambit/core/schema';
import type { Resolved, ResolvedCommand } from '../grant.ts';
import { assessInstall, type InstallPorts, type InstallRules, readInstall } from '../install/index.ts';

/** What the install gate says about one command; undefined when the command installs nothing. */
export interface InstallWord {
  verdicts: readonly RuleVerdict[];
  /** Registries the command needs, exact hosts. */
  hosts: readonly string[];
}

export type InstallPort = (command: ResolvedCommand) => Promise<InstallWord | undefined>;

/** The port over the install gate itself. */
export function installPort(ports: InstallPorts, rules: InstallRules): InstallPort {
  return async ({ argv }) => {
    const request = readInstall(argv);
    if (!request) return undefined;
    const { concerns, hosts } = await assessInstall(request, ports, rules);
    const verdicts = concerns.flatMap(({ id, effect, text }): RuleVerdict[] =>
      effect === 'note' ? [] : [{ rule: `install.${id}`, effect, source: 'built-in', reason: text }],
    );
    return { verdicts, hosts };
  };
}

/**
 * Asks about every installing command of an action. What the gate vouches for may reach the registries it names; a gate
 * that fails forbids.
 */
export async function askInstallGate(resolved: Resolved, port: InstallPort): Promise<RuleVerdict[]> {
  if (resolved.kind !== 'execute') return [];
  const verdicts: RuleVerdict[] = [];
  for (const command of resolved.commands) {
    if (!command.classes.includes('install')) continue;
    const word = await port(command);
    if (!word) continue;
    verdicts.push(...word.verdicts);
    if (word.verdicts.some(({ effect }) => effect === 'deny')) continue;
    command.hosts = [...word.hosts];
    command.vouched = true;
  }
  return verdicts;
}
