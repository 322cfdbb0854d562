// Fails when an invariant C1 to C16 of THREAT_MODEL.md has no test, or names one that is not there.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, source } from './files.ts';

const document = 'THREAT_MODEL.md';
const invariants = Array.from({ length: 16 }, (_, i) => `C${i + 1}`);

interface Cited {
  file: string;
  /** Beginning of the test's title, as it stands in the file. */
  title: string;
}

/** Sections `### C1 …` with their lines `` - `file`: title ``. */
export function citedTests(text: string): Map<string, Cited[]> {
  const sections = new Map<string, Cited[]>();
  let current: Cited[] | undefined;
  for (const line of text.split('\n')) {
    const heading = /^#{2,4} (C\d+)\b/.exec(line)?.[1];
    if (heading) {
      current = [];
      sections.set(heading, current);
    } else if (/^#{1,4} /.test(line)) current = undefined;
    const cited = /^- `([^`]+\.ts)`: (.+)$/.exec(line);
    if (cited && current) current.push({ file: cited[1] ?? '', title: (cited[2] ?? '').trim() });
  }
  return sections;
}

export function invariantErrors(text = existsSync(join(root, document)) ? source(document) : ''): string[] {
  const sections = citedTests(text);
  const errors: string[] = [];
  for (const id of invariants) {
    const tests = sections.get(id);
    if (!tests || tests.length === 0) {
      errors.push(`${document}: ${id} names no test that holds it`);
      continue;
    }
    for (const { file, title } of tests) {
      if (!existsSync(join(root, file))) errors.push(`${document}: ${id} names \`${file}\`, which does not exist`);
      else if (!source(file).includes(title))
        errors.push(`${document}: ${id} names the test «${title}», which is not in ${file}`);
    }
  }
  for (const id of sections.keys()) if (!invariants.includes(id)) errors.push(`${document}: ${id} is not an invariant`);
  return errors;
}

if (import.meta.main) {
  const errors = invariantErrors();
  for (const error of errors) console.log(error);
  process.exitCode = errors.length > 0 ? 1 : 0;
}
