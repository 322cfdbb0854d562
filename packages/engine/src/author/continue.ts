import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CriteriaCatalog } from '@ambit/core/catalog';
import { AmbitError } from '@ambit/core/errors';
import { parseSpec } from '@ambit/core/spec';
import { writeAtomic } from '@ambit/guard/state';
import { draftSpec, type Phase } from './author.ts';
import { writeDesign } from './design.ts';
import { readRequirements } from './read.ts';
import { renderDesign, renderTasks } from './render.ts';
import { survey } from './survey.ts';
import { writeTasks } from './tasks.ts';
import { realFolder } from './write.ts';

const read = (path: string) => readFile(path, 'utf8').catch(() => undefined);

/** What a design says was asked for, else what it is about: its overview without diagrams and tables. */
function askedFor(design: string): string {
  const [, asked] = /^Asked for: “(.+)”$/m.exec(design) ?? [];
  if (asked) return asked;
  const [, overview = design] = /^## Overview\s*$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(design) ?? [];
  return overview.trim();
}

async function requirementsFrom(root: string, name: string, folder: string, catalog: CriteriaCatalog): Promise<string> {
  const design = await read(join(folder, 'design.md'));
  if (design === undefined)
    throw new AmbitError('input.missing', `the spec \`${name}\` has no design to write its requirements from`, {
      where: folder,
      hint: 'ambit spec new "<prompt>"',
    });
  const { layout } = await survey(root);
  const draft = draftSpec(askedFor(design), catalog, { specId: '', slug: name, layout, workflow: 'design-first' });
  return draft.files.find((file) => file.name === 'requirements.md')?.content ?? '';
}

/**
 * Writes the next document of an existing spec: requirements from a design that came first, design and tasks from
 * requirements. A document that is there is never touched.
 */
export async function continueSpec(
  root: string,
  name: string,
  phase: Phase,
  catalog: CriteriaCatalog,
): Promise<string> {
  const folder = join(root, '.kiro', 'specs', name);
  for (const path of [join(root, '.kiro'), join(root, '.kiro', 'specs'), folder]) await realFolder(path, false);
  const target = join(folder, `${phase}.md`);
  if ((await read(target)) !== undefined)
    throw new AmbitError('input.broken', `the spec \`${name}\` has its ${phase} already`, {
      where: target,
      hint: 'edit it, or delete it to have it written again',
    });
  if (phase === 'requirements') {
    await writeAtomic(target, await requirementsFrom(root, name, folder, catalog), 0o644);
    return target;
  }
  const text = await read(join(folder, 'requirements.md'));
  if (text === undefined)
    throw new AmbitError('input.missing', `the spec \`${name}\` has no requirements to write its ${phase} from`, {
      where: folder,
      hint: 'ambit spec new "<prompt>"',
    });
  const data = readRequirements(parseSpec({ name, requirements: { text, file: 'requirements.md' } }), catalog);
  const { layout } = await survey(root);
  const design = writeDesign(data, layout);
  const content = phase === 'design' ? renderDesign(design) : renderTasks(writeTasks(data, design));
  await writeAtomic(target, content, 0o644);
  return target;
}
