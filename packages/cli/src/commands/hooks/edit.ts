import { constants, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import {
  type Migration,
  migrateHooks,
  openLedger,
  readStarters,
  type Starter,
  withoutHooks,
} from '@ambit/engine/hooks';
import { writeAtomic } from '@ambit/guard/state';
import { stringify } from 'yaml';
import { exitCode, type Io } from '../../command.ts';
import { catalogDocument } from '../../place.ts';
import { findHooks, type HookPlace, hookNamed } from './found.ts';

async function putNew(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new AmbitError('input.broken', 'the file exists already', { where: path, hint: 'rename one of them' });
  }
}

/** `ambit hooks new [STARTER]`. */
export async function makeNew(name: string | undefined, io: Io): Promise<number> {
  const starters = readStarters(await catalogDocument('hooks/starters.yaml'), 'hooks/starters.yaml');
  if (name === undefined) {
    for (const { id, title } of starters) io.out(`${id.padEnd(20)} ${title}\n`);
    io.out('\nMake one: ambit hooks new test-generator\n');
    return exitCode.done;
  }
  const starter = starters.find(({ id }) => id === name);
  if (!starter)
    throw new AmbitError('usage', `there is no starter \`${name}\``, {
      hint: `one of ${starters.map(({ id }) => id).join(', ')}`,
    });
  const { place } = await findHooks(io);
  const file = join('.kiro', 'hooks', `${starter.id}.json`);
  await putNew(join(place.workspace, file), starter.file);
  io.out(`Wrote ${file}\n\nIt runs after you accept it:  ambit trust accept '${file}'\n${grantText(starter)}`);
  return exitCode.done;
}

function grantText({ grant }: Starter): string {
  if (!grant) return 'It is read-only and needs no grant.\n';
  const yaml = stringify({ hooks: [grant] });
  return `To let it propose changes, add this to .ambit/policy.yaml and accept that file too:\n\n${yaml}`;
}

/** Keeps the old text beside the file under a name that nothing loads; never over an older backup. */
async function keepBackup(source: string): Promise<string> {
  for (let i = 1; ; i += 1) {
    const name = `${source}.bak${i === 1 ? '' : i}`;
    try {
      await copyFile(source, name, constants.COPYFILE_EXCL);
      return basename(name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Why hooks of a file stay where they are: all of them move, or none does, so that none is lost and none runs twice. */
function obstacles(found: HookPlace, file: string, migration: Migration): string[] {
  const unread = found.problems.filter((problem) => problem.file === file);
  return [
    ...unread.map(({ entry, message, hint }) => `${file}${entry ? ` (${entry})` : ''}: ${message}; ${hint}`),
    ...migration.problems.map(({ hook, message }) => `${hook}: ${message}`),
  ];
}

async function migrateFile(found: HookPlace, file: string, migration: Migration, io: Io): Promise<void> {
  const { workspace } = found.place;
  const source = join(workspace, file);
  const target = file
    .replace(/(\.kiro\.hook|\.json|\.md)$/i, '.json')
    .replace(/^\.kiro\/agents\//, '.kiro/hooks/agent-');
  const rest = withoutHooks(file, await readFile(source, 'utf8'));
  const { entries, steering } = migration;
  if (entries.length > 0) {
    await putNew(join(workspace, target), `${JSON.stringify({ version: 'v1', hooks: entries }, null, 2)}\n`);
    io.out(`${file} → ${target}\n`);
  }
  for (const { name, text } of steering) {
    const path = join('.kiro', 'steering', `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.md`);
    await putNew(join(workspace, path), text);
    io.out(`${file} → ${path} (a manual hook is a manual steering file now: #name)\n`);
  }
  const backup = await keepBackup(source);
  if (rest === undefined) await rm(source);
  else await writeAtomic(source, rest, 0o644);
  io.out(`  the old text is kept as ${backup}${rest === undefined ? '' : `; ${file} holds no hooks any more`}\n`);
}

/** `ambit hooks migrate [--write]`: shows what would become of old hooks, writes with backups when told to. */
export async function migrate(write: boolean, io: Io): Promise<number> {
  const found = await findHooks(io);
  const old = found.hooks.filter(({ hook }) => hook.format !== 'v1' && hook.scope === 'workspace');
  if (old.length === 0) {
    io.out('Every hook here has the current format.\n');
    return exitCode.done;
  }
  const files = [...new Set(old.map(({ hook }) => hook.file))];
  let complete = true;
  for (const file of files) {
    const migration = migrateHooks(old.flatMap(({ hook }) => (hook.file === file ? [hook] : [])));
    const against = obstacles(found, file, migration);
    complete = complete && against.length === 0;
    if (against.length > 0) io.err(`${file} stays as it is:\n${against.map((line) => `  ${line}\n`).join('')}`);
    else if (write) await migrateFile(found, file, migration, io);
    else {
      io.out(`${file}:\n${JSON.stringify({ version: 'v1', hooks: migration.entries }, null, 2)}\n`);
      for (const { name } of migration.steering) io.out(`  and manual steering \`${name}\`\n`);
    }
  }
  if (write) io.out('\nThe new files are inert until you accept them: ambit trust diff, ambit trust accept\n');
  else io.out('\nNothing was written. To write, with backups: ambit hooks migrate --write\n');
  return complete ? exitCode.done : exitCode.findings;
}

/** `ambit hooks resume NAME`: a rested hook may run again. */
export async function resume(name: string | undefined, io: Io): Promise<number> {
  const found = await findHooks(io);
  const one = hookNamed(found, name);
  const ledger = await openLedger(found.place.state.hooks);
  await ledger.append({ time: io.now().toISOString(), hook: one.hook.id, hash: one.hook.hash, kind: 'resumed' });
  io.out(`${one.hook.name} may run again.\n`);
  return exitCode.done;
}
