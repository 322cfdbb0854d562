import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { showInvisible } from '@ambit/core/text';
import {
  foundationFiles,
  type LoadedSteering,
  loadSteering,
  selectSteering,
  surveyProject,
} from '@ambit/engine/steering';
import { trustStatus } from '@ambit/guard/integrity';
import { type Command, exitCode, type Io, options } from '../command.ts';
import { listFiles } from '../files.ts';
import { userSteering } from '../guidance.ts';
import { trustPlace } from '../place.ts';

const help = `ambit steering: guidance that runs are given

Only accepted files (ambit trust) and your own in ~/.kiro/steering are loaded. A file whose front matter leaves open when it
applies is not loaded rather than loaded always.

Usage:
  ambit steering [list] [--for FILE] [--prompt TEXT] [--json]   what is there; what applies to a file or prompt, and why
  ambit steering init                                           product.md, tech.md and structure.md from this code base

Example:
  ambit steering list --for src/api/orders.ts
`;

interface Row {
  path: string;
  state: 'applies' | 'does not apply' | 'ready' | 'inert' | 'not loaded';
  inclusion?: string;
  reason: string;
}

function rowsOf(loaded: LoadedSteering, request: { prompt: string; files: string[] } | undefined): Row[] {
  const selected = new Map(
    request ? selectSteering(loaded.files, request).map(({ file, reason }) => [file.path, reason]) : [],
  );
  const rows = loaded.files.map(({ path, inclusion, patterns, description }): Row => {
    const about = patterns.length > 0 ? patterns.join(', ') : (description ?? inclusion);
    if (!request) return { path, inclusion, state: 'ready', reason: about };
    const reason = selected.get(path);
    return { path, inclusion, state: reason === undefined ? 'does not apply' : 'applies', reason: reason ?? about };
  });
  for (const { path, reason } of loaded.inert) rows.push({ path, state: 'inert', reason });
  for (const { path, message, hint } of loaded.problems)
    rows.push({ path, state: 'not loaded', reason: `${message}; ${hint}` });
  return rows;
}

async function list(values: { for?: string; prompt?: string; json: boolean }, io: Io): Promise<number> {
  const place = await trustPlace(io);
  const loaded = await loadSteering(await trustStatus(place), userSteering(io.env));
  const asked = values.for !== undefined || values.prompt !== undefined;
  const request = {
    prompt: values.prompt ?? '',
    files: values.for === undefined ? [] : [values.for.replace(/^\.\//, '')],
  };
  const rows = rowsOf(loaded, asked ? request : undefined);
  if (values.json) io.out(`${JSON.stringify({ version: 1, steering: rows }, null, 2)}\n`);
  else if (rows.length === 0) io.out('There is no steering here. Make the foundation files: ambit steering init\n');
  else
    for (const { path, state, reason } of rows)
      io.out(`${state.padEnd(14)} ${showInvisible(path)}  (${showInvisible(reason)})\n`);
  return rows.some(({ state }) => state === 'not loaded') ? exitCode.findings : exitCode.done;
}

async function init(io: Io): Promise<number> {
  const { workspace } = await trustPlace(io);
  const folder = join(workspace, '.kiro', 'steering');
  const survey = await surveyProject({
    folder: basename(workspace),
    files: await listFiles(workspace),
    read: (path) => readFile(join(workspace, path), 'utf8').catch(() => undefined),
  });
  const files = Object.entries(foundationFiles(survey));
  const present = files.filter(([name]) => existsSync(join(folder, name))).map(([name]) => name);
  if (present.length > 0)
    throw new AmbitError('input.broken', `already there: ${present.join(', ')}`, {
      where: '.kiro/steering',
      hint: 'rename them first; nothing was written',
    });
  await mkdir(folder, { recursive: true });
  for (const [name, text] of files) {
    await writeFile(join(folder, name), text, { flag: 'wx' });
    io.out(`.kiro/steering/${name}\n`);
  }
  io.out('Answer the questions in angle brackets, then accept the files: ambit trust accept .kiro/steering/*\n');
  return exitCode.done;
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('steering', args, {
    for: { type: 'string' },
    prompt: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const [verb = 'list'] = positionals;
  const { for: file, prompt, json } = values;
  if (verb === 'list')
    return list(
      {
        json: json === true,
        ...(file === undefined ? {} : { for: file }),
        ...(prompt === undefined ? {} : { prompt }),
      },
      io,
    );
  if (verb === 'init') return init(io);
  throw new AmbitError('usage', `\`ambit steering ${verb}\` is not a command`, { hint: 'see: ambit steering --help' });
}

export const command: Command = { name: 'steering', summary: 'guidance that runs are given', help, run };
