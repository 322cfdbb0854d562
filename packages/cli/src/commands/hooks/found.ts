import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import {
  collectHooks,
  type FoundHook,
  type FoundHooks,
  type HookGrantEntry,
  isTrigger,
  readHookGrants,
  triggers,
} from '@ambit/engine/hooks';
import { type TrustPlace, type TrustReport, trustedSubjects, trustStatus } from '@ambit/guard/integrity';
import { parse } from 'yaml';
import type { Io } from '../../command.ts';
import { trustPlace } from '../../place.ts';

export const policyFile = '.ambit/policy.yaml';

export interface HookPlace extends FoundHooks {
  place: TrustPlace;
  report: TrustReport;
  grants: HookGrantEntry[];
  grantProblems: string[];
}

async function userHooks(env: NodeJS.ProcessEnv): Promise<{ path: string; text: string }[]> {
  const folder = join(env['HOME'] || homedir(), '.kiro', 'hooks');
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => /\.(json|kiro\.hook)$/.test(name)).sort();
  return Promise.all(
    files.map(async (name) => ({ path: join(folder, name), text: await readFile(join(folder, name), 'utf8') })),
  );
}

/** Grants count only from a policy file whose content this user accepted. */
function grantsOf(report: TrustReport): { grants: HookGrantEntry[]; problems: string[] } {
  const policy = trustedSubjects(report).get(policyFile);
  if (policy) {
    try {
      return readHookGrants(parse(policy.text), policyFile);
    } catch (error) {
      return { grants: [], problems: [`${policyFile}: not valid YAML: ${messageOf(error)}`] };
    }
  }
  const waiting = report.statuses.some((status) => status.id === policyFile);
  const problem = `${policyFile} is not accepted, so it grants nothing; see: ambit trust diff ${policyFile}`;
  return { grants: [], problems: waiting ? [problem] : [] };
}

/** Everything the hook commands look at. Starts nothing, writes nothing. */
export async function findHooks(io: Io): Promise<HookPlace> {
  const place = await trustPlace(io);
  const report = await trustStatus(place);
  const found = collectHooks(report, await userHooks(io.env));
  const { grants, problems } = grantsOf(report);
  return { ...found, place, report, grants, grantProblems: problems };
}

/** The one hook of this name or id. */
export function hookNamed(found: HookPlace, name: string | undefined): FoundHook {
  const chosen = found.hooks.filter(({ hook }) => hook.id === name || hook.name === name);
  const [one] = chosen;
  if (one && chosen.length === 1) return one;
  const problem = chosen.length > 1 ? `\`${name}\` names several hooks` : `there is no hook \`${name ?? ''}\``;
  throw new AmbitError('usage', problem, {
    hint: `one of ${found.hooks.map(({ hook }) => hook.id).join(', ') || 'none'}`,
  });
}

/** Trusted and enabled hooks about files; without one there is nothing to watch. */
export function fileHooks(found: HookPlace): number {
  return found.hooks.filter(
    ({ hook, trusted }) =>
      trusted && hook.enabled && isTrigger(hook.trigger) && triggers[hook.trigger].subject === 'path',
  ).length;
}
