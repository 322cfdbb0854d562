import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { SpecTexts } from '@ambit/core/spec';

/** Where a checkout of real `.kiro` folders lies beside the project; absent in a fresh clone. */
export const corpusRoot =
  process.env['AMBIT_SPEC_CORPUS'] ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'corpus', 'kiro');

const names = {
  requirements: 'requirements.md',
  bugfix: 'bugfix.md',
  design: 'design.md',
  tasks: 'tasks.md',
  config: '.config.kiro',
} as const;

/** Every spec folder below a root, with its documents; paths relative to the root. */
export function corpusSpecs(root = corpusRoot): SpecTexts[] {
  if (!existsSync(root)) return [];
  const files = (readdirSync(root, { recursive: true, encoding: 'utf8' }) as string[]).map((file) =>
    file.replaceAll('\\', '/'),
  );
  const folders = [
    ...new Set(
      files
        .filter((file) => /\/specs\//.test(file) && /(?:requirements|bugfix|design|tasks)\.md$/.test(basename(file)))
        .map((file) => dirname(file)),
    ),
  ].sort();
  return folders.map((folder) => {
    const texts: SpecTexts = { name: folder };
    for (const [kind, name] of Object.entries(names) as [keyof typeof names, string][]) {
      const path = join(root, folder, name);
      if (existsSync(path)) texts[kind] = { file: `${folder}/${name}`, text: readFileSync(path, 'utf8') };
    }
    return texts;
  });
}
