import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import {
  checkSpec,
  type Diagnostic,
  fixText,
  type LintRules,
  parseSpec,
  requirementsOf,
  type Spec,
  type SpecTexts,
} from '@ambit/core/spec';
import { readSpecTexts, type SpecFolder } from '@ambit/engine/specs';
import { type Command, exitCode, type Io, options } from '../../command.ts';
import { findWorkspace } from '../../workspace.ts';
import { askedSpecs, lintRules, missingFiles } from './place.ts';

const help = `ambit spec check: is a spec sound

Checks shape and numbers, references and dependencies, and the text of each criterion against the EARS grammar (rules
E1–E15, S1–S9; docs/lint). The verdict is the same that approval and the runner use.

Usage: ambit spec check [name or folder…] [options]

Without a name, every spec of the workspace. A folder outside a workspace works as well.

  --fix        apply the repairs that are certain
  --security   also name security criteria that the text calls for and nothing covers (E15)
  --strict     warnings fail the check too
  --rule E4    only this rule; may be repeated
  --json       diagnostics as JSON

A rule is silenced for the next criterion by <!-- ambit-ignore E4: reason -->, for a file by ambit-ignore-file.

Exit codes: 0 no errors, 1 errors (or warnings with --strict), 2 wrong usage or unreadable files.

Example:
  ambit spec check user-accounts --strict
`;

interface Checked {
  place: SpecFolder;
  spec: Spec;
  diagnostics: Diagnostic[];
}

interface Wishes {
  fix: boolean;
  security: boolean;
  rules: ReadonlySet<string>;
}

/** What is kept of a checked spec: holding a thousand parsed trees would cost more than parsing them. */
interface Verdict {
  place: SpecFolder;
  diagnostics: Diagnostic[];
  criteria: number;
}

/** Checks one spec as approval and `check` do. */
export async function checkFolder(
  place: SpecFolder,
  rules: LintRules,
  workspace: string,
  security: boolean,
  texts: Promise<SpecTexts> = readSpecTexts(place),
): Promise<Checked> {
  const spec = parseSpec(await texts);
  const raised = security ? await (await import('./security.ts')).uncovered(spec) : [];
  return {
    place,
    spec,
    diagnostics: checkSpec(spec, { rules, raised, missingFiles: await missingFiles(spec, workspace) }),
  };
}

async function fixFolder(checked: Checked): Promise<number> {
  let fixed = 0;
  const { requirements, bugfix, design, tasks } = checked.spec;
  for (const tree of [requirements, bugfix, design, tasks]) {
    if (!tree) continue;
    const result = fixText(
      tree.source,
      checked.diagnostics.filter((entry) => entry.file === tree.file),
    );
    if (result.text === tree.source) continue;
    const path = join(checked.place.folder, basename(tree.file));
    await writeFile(path, result.text).catch((error: unknown) => {
      throw new AmbitError('environment', `could not write: ${messageOf(error)}`, { where: tree.file, cause: error });
    });
    fixed += result.fixed;
  }
  return fixed;
}

const colours = { error: 31, warning: 33, info: 36 } as const;

function line(entry: Diagnostic, io: Io): string {
  const paint = (code: number, text: string) => (io.colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const severity = entry.severity === 'info' ? 'note' : entry.severity;
  const about = entry.about === undefined ? '' : `  (${entry.about})`;
  const place = `${entry.line}:${entry.column}`.padEnd(8);
  return `  ${place}${paint(colours[entry.severity], severity.padEnd(8))} ${entry.rule.padEnd(4)} ${entry.message}${about}\n`;
}

function print(all: readonly Verdict[], io: Io): void {
  for (const { diagnostics } of all) {
    let file = '';
    let text = '';
    for (const entry of diagnostics) {
      if (entry.file !== file) text += `${entry.file}\n`;
      file = entry.file;
      text += line(entry, io);
    }
    if (text !== '') io.out(text);
  }
}

const countOf = (all: readonly Verdict[], severity: Diagnostic['severity']) =>
  all.reduce(
    (sum, entry) => sum + entry.diagnostics.filter((diagnostic) => diagnostic.severity === severity).length,
    0,
  );

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

const criteriaOf = (spec: Spec) => requirementsOf(spec).reduce((sum, entry) => sum + entry.criteria.length, 0);

function summary(all: readonly Verdict[], fixed: number): string {
  const criteria = all.reduce((sum, verdict) => sum + verdict.criteria, 0);
  const found = [
    plural(countOf(all, 'error'), 'error'),
    plural(countOf(all, 'warning'), 'warning'),
    plural(countOf(all, 'info'), 'note'),
  ];
  const read = `${plural(all.length, 'spec')} (${criteria} ${criteria === 1 ? 'criterion' : 'criteria'})`;
  return `${found.join(', ')} in ${read}${fixed > 0 ? `; ${plural(fixed, 'repair')} made` : ''}\n`;
}

const readAhead = 16;

async function checkAll(
  places: readonly SpecFolder[],
  wishes: Wishes,
  io: Io,
): Promise<{ all: Verdict[]; fixed: number }> {
  const rules = await lintRules();
  const workspace = findWorkspace(io.cwd, io.env);
  const all: Verdict[] = [];
  let fixed = 0;
  // The next specs are read while one is judged. A failure is met when its turn comes, not before.
  const ahead: Promise<SpecTexts>[] = [];
  for (const [i, place] of places.entries()) {
    for (let next = i + ahead.length; ahead.length < readAhead && next < places.length; next++) {
      const texts = readSpecTexts(places[next] as SpecFolder);
      texts.catch(() => undefined);
      ahead.push(texts);
    }
    let checked = await checkFolder(place, rules, workspace, wishes.security, ahead.shift());
    const repaired = wishes.fix ? await fixFolder(checked) : 0;
    if (repaired > 0) checked = await checkFolder(place, rules, workspace, wishes.security);
    fixed += repaired;
    if (wishes.rules.size > 0)
      checked.diagnostics = checked.diagnostics.filter((entry) => wishes.rules.has(entry.rule));
    all.push({ place, diagnostics: checked.diagnostics, criteria: criteriaOf(checked.spec) });
  }
  return { all, fixed };
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('spec check', args, {
    fix: { type: 'boolean', default: false },
    security: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rule: { type: 'string', multiple: true, default: [] },
  });
  const places = await askedSpecs(positionals, io);
  if (places.length === 0)
    throw new AmbitError('input.missing', 'there is no spec here', { hint: 'ambit spec new "what it should do"' });
  const wishes = { fix: values.fix === true, security: values.security === true, rules: new Set(values.rule) };
  const { all, fixed } = await checkAll(places, wishes, io);
  if (values.json) {
    const specs = all.map(({ place, diagnostics }) => ({ name: place.name, folder: place.shown, diagnostics }));
    const counts = { error: countOf(all, 'error'), warning: countOf(all, 'warning'), info: countOf(all, 'info') };
    io.out(`${JSON.stringify({ version: 1, specs, counts, fixed }, null, 2)}\n`);
  } else {
    print(all, io);
    io.out(summary(all, fixed));
  }
  const failed = countOf(all, 'error') > 0 || (values.strict === true && countOf(all, 'warning') > 0);
  return failed ? exitCode.findings : exitCode.done;
}

export const command: Command = { name: 'check', summary: 'is it sound: shape, EARS, references', help, run };
