import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CriteriaCatalog } from '@ambit/core/catalog';
import { type Layout, newLayout } from './design.ts';

/** What an existing code base says before a word is written about it. */
export interface Survey {
  layout: Layout;
  /** Paths below the root, at most `FILES`, sorted. */
  files: string[];
  /** Names of its direct dependencies. */
  dependencies: string[];
}

const FILES = 5_000;
const DEPTH = 8;
const skipped = new Set('node_modules dist build out target vendor coverage venv __pycache__ .next .venv'.split(' '));
const sources = ['src', 'app', 'lib', 'server', 'backend', 'api'];
const tests = ['test', 'tests', '__tests__', 'spec', 'e2e'];

async function walk(root: string): Promise<string[]> {
  const found: string[] = [];
  const queue = [''];
  for (let folder = queue.shift(); folder !== undefined && found.length < FILES; folder = queue.shift()) {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile()) found.push(path);
      else if (
        entry.isDirectory() &&
        !entry.name.startsWith('.') &&
        !skipped.has(entry.name) &&
        path.split('/').length < DEPTH
      )
        queue.push(path);
    }
  }
  return found.slice(0, FILES).sort();
}

function names(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].flatMap((match) => match[1]?.toLowerCase() ?? []);
}

function packageNames(text: string): string[] {
  try {
    const manifest = JSON.parse(text) as Record<string, unknown>;
    return ['dependencies', 'devDependencies', 'peerDependencies'].flatMap((field) =>
      Object.keys(manifest[field] ?? {}),
    );
  } catch {
    return [];
  }
}

const manifests: Record<string, (text: string) => string[]> = {
  'package.json': packageNames,
  'requirements.txt': (text) => names(text, /^([\w.-]+)\s*(?:[=<>~![;]|$)/gm),
  'pyproject.toml': (text) => names(text, /^\s*"?([\w.-]+)"?\s*(?:[=<>~]=|=\s*[{"])/gm),
  Gemfile: (text) => names(text, /^\s*gem ['"]([\w-]+)['"]/gm),
  'go.mod': (text) => names(text, /^\s*(?:require\s+)?[\w.-]+\/(\S+)\s+v\d/gm),
};

const MANIFEST_LIMIT = 1024 * 1024;

/** Reads the file list and the manifests of a folder; what cannot be read is left out. */
export async function survey(root: string): Promise<Survey> {
  const files = await walk(root);
  const dependencies = new Set<string>();
  for (const path of files) {
    const read = manifests[path.split('/').at(-1) ?? ''];
    if (!read || path.split('/').length > 3) continue;
    const text = await readFile(join(root, path), 'utf8').catch(() => '');
    for (const name of read(text.slice(0, MANIFEST_LIMIT))) dependencies.add(name);
  }
  const top = new Set(files.map((path) => path.split('/')[0] ?? ''));
  return {
    files,
    dependencies: [...dependencies].sort(),
    layout: {
      source: sources.find((name) => top.has(name)) ?? newLayout.source,
      test: tests.find((name) => top.has(name)) ?? newLayout.test,
      stack: [],
    },
  };
}

/** English sentences for what the dependencies say, by the catalogue; the names are kept for the design. */
export function meaningOfDependencies(dependencies: readonly string[], catalog: CriteriaCatalog) {
  const known = catalog.manifests.flatMap((alias) => {
    const name = dependencies.find((dependency) => alias.match.test(dependency));
    return name === undefined ? [] : [{ name, means: alias.means }];
  });
  return { stack: known.map((entry) => entry.name), text: [...new Set(known.map((entry) => entry.means))].join('. ') };
}

/** Files whose path shares a word with a text: where a change most likely belongs. */
export function likelyFiles(files: readonly string[], text: string, limit = 5): string[] {
  const words = new Set((text.toLowerCase().match(/[a-z]{4,}/g) ?? []).map((word) => word.slice(0, 6)));
  const score = (path: string) =>
    (path.toLowerCase().match(/[a-z]{4,}/g) ?? []).filter((word) => words.has(word.slice(0, 6))).length;
  return files
    .map((path) => ({ path, points: score(path) }))
    .filter((entry) => entry.points > 0)
    .sort((a, b) => b.points - a.points || a.path.localeCompare(b.path))
    .slice(0, limit)
    .map((entry) => entry.path);
}
