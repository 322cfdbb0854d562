import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

/** Files git tracks or would track (untracked, not ignored), relative to the root, sorted; deleted ones left out. */
export function projectFiles(...patterns: string[]): string[] {
  const out = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...patterns], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const names = [...new Set(out.split('\0').filter(Boolean))];
  return names.filter((name) => existsSync(join(root, name))).sort();
}

export function source(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}

/** Hand-written TypeScript of the product and its tooling: no fixtures, no samples, no seeded apps. */
export function handWritten(): string[] {
  return projectFiles('*.ts', '*.mjs').filter((name) => !/(^|\/)(fixtures|samples|apps)\//.test(name));
}
