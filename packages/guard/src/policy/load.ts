import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '@ambit/core/errors';
import type { NamedGrant, Policy, PolicyScope, Rule } from '@ambit/core/policy-model';
import { grantsOf, readGrants } from '../approvals/index.ts';
import { type Knowledge, readKnowledge } from '../commands/index.ts';
import type { CedarFile } from './cedar.ts';
import { brokenFile, nothingSaid, type PolicySource, readPolicyText } from './file.ts';
import { readEditorSettings, readKiroPermissions } from './kiro.ts';
import { type Protections, protections } from './protect.ts';
import { type PolicyFile, readPolicySets } from './sets.ts';

/** Policy of a workspace as loaded: rules of all scopes, files that could not be read, knowledge of programs. */
export interface LoadedPolicy {
  rules: readonly Rule[];
  broken: Policy['broken'];
  knowledge: Knowledge;
  protections: Protections;
  /** Patterns of production names, from every scope. */
  production: readonly string[];
  /** Standing permissions of the user. */
  grants: readonly NamedGrant[];
  /** Cedar policies of organisation and user, which only forbid. */
  cedar?: readonly CedarFile[];
  /** Files that were found and read, for people. */
  files: readonly { file: string; scope: PolicyScope; rules: number }[];
}

/** Sets that are always in force, whatever is chosen: the invariants. */
const always: ReadonlySet<string> = new Set(['control-files', 'guarded-files', 'secret-files', 'destructive']);

/** The shipped policy alone: invariants and the chosen sets (`default`, `strict`, `ci`). */
export function shippedPolicy(files: readonly PolicyFile[], ...chosen: string[]): LoadedPolicy {
  const sets = readPolicySets(files);
  const names = chosen.length > 0 ? chosen : ['default'];
  const missing = names.filter((name) => !sets.some((set) => set.id === name));
  let knowledge: Knowledge | undefined;
  let made: Protections | undefined;
  return {
    rules: sets.filter((set) => always.has(set.id) || names.includes(set.id)).flatMap((set) => set.rules),
    broken: missing.map((name) => ({ source: 'built-in', problem: `there is no policy set \`${name}\`` })),
    // Programs are only needed for commands, protections for change sets: a hook's decision should not pay for them.
    get knowledge() {
      knowledge ??= readKnowledge(files);
      return knowledge;
    },
    get protections() {
      made ??= protections(sets);
      return made;
    },
    production: [],
    grants: [],
    files: [],
  };
}

/** Where policy is looked for. */
export interface PolicyPlaces {
  workspace: string;
  /** `~/.config/ambit`: `configDirectory(env)`. */
  config: string;
  /** The user's home, for Kiro's own settings. */
  home: string;
  /** Folder of the organisation's policy; `/etc/ambit` unless given. */
  organisation?: string;
}

interface Place {
  file: string;
  shown: string;
  scope: PolicyScope;
  read: (text: string, name: string, scope: PolicyScope) => Promise<PolicySource>;
}

function placesOf({ workspace, config, home, organisation }: PolicyPlaces): Place[] {
  const policy = { read: readPolicyText };
  const kiro = { read: readKiroPermissions };
  return [
    {
      file: join(organisation ?? '/etc/ambit', 'policy.yaml'),
      shown: 'organisation policy.yaml',
      scope: 'organisation',
      ...policy,
    },
    { file: join(config, 'policy.yaml'), shown: join(config, 'policy.yaml'), scope: 'user', ...policy },
    {
      file: join(home, '.kiro/settings/permissions.yaml'),
      shown: '~/.kiro/settings/permissions.yaml',
      scope: 'user',
      ...kiro,
    },
    {
      file: join(home, '.config/Kiro/User/settings.json'),
      shown: 'Kiro settings.json',
      scope: 'user',
      read: readEditorSettings,
    },
    { file: join(workspace, '.ambit/policy.yaml'), shown: '.ambit/policy.yaml', scope: 'project', ...policy },
    {
      file: join(workspace, '.kiro/settings/permissions.yaml'),
      shown: '.kiro/settings/permissions.yaml',
      scope: 'project',
      ...kiro,
    },
    {
      file: join(workspace, '.vscode/settings.json'),
      shown: '.vscode/settings.json',
      scope: 'project',
      read: readEditorSettings,
    },
  ];
}

/** Largest policy file that is read; a larger one counts as unreadable. */
const fileMax = 1024 * 1024;

async function readPlace(place: Place): Promise<PolicySource | undefined> {
  try {
    const found = await stat(place.file);
    if (!found.isFile()) return brokenFile(place.shown, 'is not a file');
    if (found.size > fileMax) return brokenFile(place.shown, `is larger than ${fileMax} bytes`);
    return await place.read(await readFile(place.file, 'utf8'), place.shown, place.scope);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    return brokenFile(place.shown, messageOf(error));
  }
}

/** Permissions given for good, as a source; a file of them that cannot be read denies everything. */
async function keptGrants({ config, workspace }: PolicyPlaces): Promise<PolicySource> {
  try {
    return { ...nothingSaid(), grants: grantsOf(await readGrants(config), workspace) };
  } catch (error) {
    return brokenFile(join(config, 'grants.json'), messageOf(error));
  }
}

/** `policy.cedar` of organisation and user. One that is there and cannot be read denies everything. */
async function readCedar({
  organisation,
  config,
}: PolicyPlaces): Promise<{ files: CedarFile[]; problem: PolicySource }> {
  const files: CedarFile[] = [];
  let problem = nothingSaid();
  for (const source of [join(organisation ?? '/etc/ambit', 'policy.cedar'), join(config, 'policy.cedar')]) {
    try {
      files.push({ source, text: await readFile(source, 'utf8') });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') problem = brokenFile(source, messageOf(error));
    }
  }
  return { files, problem };
}

/**
 * Loads the policy in force: shipped sets, then organisation, user and project, which can only narrow one another
 * (`evaluate`). A file that is there and cannot be read denies everything, with its line. `more` are grants and rules
 * from elsewhere: answers that were kept, an agent's own.
 */
export async function loadPolicy(
  catalog: readonly PolicyFile[],
  places: PolicyPlaces,
  more: readonly PolicySource[] = [],
): Promise<LoadedPolicy> {
  const all = placesOf(places);
  const [kept, cedar, ...read] = await Promise.all([keptGrants(places), readCedar(places), ...all.map(readPlace)]);
  const sources = [kept, cedar.problem, ...read.map((one) => one ?? nothingSaid()), ...more];
  const chosen = (scope: PolicyScope) => all.flatMap((place, i) => (place.scope === scope ? [read[i]?.extends] : []));
  // A project may add a stricter set; it does not take the place of the user's.
  const own = [...chosen('organisation'), ...chosen('user')].filter((name) => name !== undefined);
  const added = chosen('project').filter((name) => name !== undefined && name !== 'default');
  const shipped = shippedPolicy(catalog, ...(own.length > 0 ? own : ['default']), ...(added as string[]));
  return Object.assign(shipped, {
    rules: [...shipped.rules, ...sources.flatMap((source) => source.rules)],
    broken: [...shipped.broken, ...sources.flatMap((source) => source.broken)],
    production: sources.flatMap((source) => source.production),
    grants: sources.flatMap((source) => source.grants),
    cedar: cedar.files,
    files: all.flatMap(({ shown, scope }, i) => {
      const found = read[i];
      return found && (found.rules.length > 0 || found.broken.length > 0)
        ? [{ file: shown, scope, rules: found.rules.length }]
        : [];
    }),
  });
}
