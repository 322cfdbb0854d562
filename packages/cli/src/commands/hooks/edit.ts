import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { type FoundHook, migrateHooks, openLedger, readStarters, type Starter } from '@ambit/engine/hooks';
import { writeAtomic } from '@ambit/guard/state';
import { stringify } from 'yaml';
import { exitCode, type Io } from '../../command.ts';
import { catalogDocument } from '../../place.ts';
import { findHooks, hookNamed } from './found.ts';

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

async function migrateFile(workspace: string, file: string, found: readonly FoundHook[], io: Io): Promise<boolean> {
  const migration = migrateHooks(found.map(({ hook }) => hook));
  for (const { hook, message } of migration.problems) io.err(`${hook}: not migrated: ${message}\n`);
  if (migration.problems.length > 0) return false;
  const source = join(workspace, file);
  const target = file
    .replace(/(\.kiro\.hook|\.json|\.md)$/i, '.json')
    .replace(/^\.kiro\/agents\//, '.kiro/hooks/agent-');
  if (migration.entries.length > 0) {
    if (target !== file && existsSync(join(workspace, target)))
      throw new AmbitError('input.broken', 'the file exists already', {
        where: target,
        hint: `rename it, then migrate ${file} again`,
      });
    await copyFile(source, `${source}.bak`);
    await mkdir(dirname(join(workspace, target)), { recursive: true });
    await writeAtomic(
      join(workspace, target),
      `${JSON.stringify({ version: 'v1', hooks: migration.entries }, null, 2)}\n`,
      0o644,
    );
    io.out(`${file} → ${target} (${migration.entries.length} hooks; the old text is kept as ${file}.bak)\n`);
  }
  for (const { name, text } of migration.steering) {
    const path = join('.kiro', 'steering', `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.md`);
    await putNew(join(workspace, path), text);
    io.out(`${file} → ${path} (a manual hook is a manual steering file now: #name)\n`);
  }
  return true;
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
    const own = old.filter(({ hook }) => hook.file === file);
    if (write) complete = (await migrateFile(found.place.workspace, file, own, io)) && complete;
    else {
      const { entries, steering, problems } = migrateHooks(own.map(({ hook }) => hook));
      io.out(`${file}:\n${JSON.stringify({ version: 'v1', hooks: entries }, null, 2)}\n`);
      for (const { name } of steering) io.out(`  and manual steering \`${name}\`\n`);
      for (const { hook, message } of problems) io.out(`! ${hook}: ${message}\n`);
      complete = problems.length === 0 && complete;
    }
  }
  if (!write) io.out('\nNothing was written. To write, with backups: ambit hooks migrate --write\n');
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
