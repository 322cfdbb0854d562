import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CriteriaCatalog } from '@ambit/core/catalog';
import { AmbitError } from '@ambit/core/errors';
import { parseSpec } from '@ambit/core/spec';
import { writeAtomic } from '@ambit/guard/state';
import type { Phase } from './author.ts';
import { writeDesign } from './design.ts';
import { readRequirements } from './read.ts';
import { renderDesign, renderTasks } from './render.ts';
import { survey } from './survey.ts';
import { writeTasks } from './tasks.ts';
import { realFolder } from './write.ts';

const read = (path: string) => readFile(path, 'utf8').catch(() => undefined);

/** Writes the next document of an existing spec from its requirements; a document that is there is never touched. */
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
    throw new AmbitError('input.broken', `the spec \`${name}\` has a ${phase} already`, {
      where: target,
      hint: 'edit it, or delete it to have it written again',
    });
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
