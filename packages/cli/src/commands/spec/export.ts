import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { type Exported, exportGherkin, exportIssues, exportOpenSpec, exportSpecKit, type Spec } from '@ambit/core/spec';
import { readSpec } from '@ambit/engine/specs';
import { type Command, exitCode, type Io, options } from '../../command.ts';
import { askedSpecs } from './place.ts';

const formats: Record<string, (spec: Spec) => Exported> = {
  gherkin: exportGherkin,
  issues: exportIssues,
  openspec: exportOpenSpec,
  'spec-kit': exportSpecKit,
};

const help = `ambit spec export: a spec in another tool's form

Usage: ambit spec export <name> --to gherkin|issues|openspec|spec-kit [--out FOLDER]

Without --out everything is printed, each file under its name. Existing files are not overwritten.

Example:
  ambit spec export user-accounts --to gherkin --out features
`;

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('spec export', args, { to: { type: 'string' }, out: { type: 'string' } });
  const [name] = positionals;
  const convert = formats[values.to ?? ''];
  if (name === undefined || !convert)
    throw new AmbitError('usage', name === undefined ? 'which spec' : `\`${values.to ?? ''}\` is no format`, {
      hint: `--to ${Object.keys(formats).join(', ')}`,
    });
  const [place] = await askedSpecs([name], io);
  if (!place) throw new AmbitError('input.missing', `there is no spec \`${name}\``);
  for (const [file, text] of convert(await readSpec(place))) {
    if (values.out === undefined) {
      io.out(`--- ${file}\n${text}\n`);
      continue;
    }
    const path = join(resolve(io.cwd, values.out), file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      throw new AmbitError(
        error.code === 'EEXIST' ? 'usage' : 'environment',
        error.code === 'EEXIST' ? 'exists already' : `could not write: ${error.message}`,
        { where: path },
      );
    });
    io.out(`${path}\n`);
  }
  return exitCode.done;
}

export const command: Command = {
  name: 'export',
  summary: 'to spec-kit, OpenSpec, Gherkin or GitHub issues',
  help,
  run,
};
