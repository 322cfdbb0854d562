const ENDINGS = [
  '',
  '.ts',
  '.tsx',
  '.js',
  '.jsx',
  '.mjs',
  '.cjs',
  '.mts',
  '.cts',
  '/index.ts',
  '/index.tsx',
  '/index.js',
  '/index.mjs',
  '.py',
];

function join(from: string, relative: string): string | undefined {
  const parts = from.split('/').slice(0, -1);
  for (const part of relative.split('/')) {
    if (part === '.' || part === '') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

function find(base: string, files: ReadonlySet<string>): string | undefined {
  const bare = base.replace(/\.[cm]?jsx?$/, '');
  for (const stem of base === bare ? [base] : [base, bare])
    for (const ending of ENDINGS) if (files.has(stem + ending)) return stem + ending;
  return undefined;
}

/** Folders that aliases such as `@/` and `~/` stand for in common project layouts. */
const ALIASES = ['', 'src/', 'app/'];
const LIBRARY = ['src/lib/', 'lib/'];

/** The file and exported name that `./db.findUser` or `@/lib/db.findUser` means, as `file#name`. */
export function resolveImport(from: string, ref: string, files: ReadonlySet<string>): string | undefined {
  const clean = ref.replaceAll('()', '');
  // The module's own name may have dots: try the longest module first.
  for (let end = clean.length; end > 0; end = clean.lastIndexOf('.', end - 1)) {
    const module = clean.slice(0, end);
    const name = clean.slice(end + 1) || 'default';
    const target = locate(from, module, files);
    if (target !== undefined) return `${target}#${name}`;
  }
  return undefined;
}

function locate(from: string, module: string, files: ReadonlySet<string>): string | undefined {
  if (/^\.{1,2}(\/|$)/.test(module)) {
    const base = join(from, module);
    return base === undefined ? undefined : find(base, files);
  }
  const alias = /^(@|~|\$lib|src|app)\/(.*)$/.exec(module);
  if (alias === null) return undefined;
  const root = from.includes('/src/') ? from.slice(0, from.indexOf('/src/') + 1) : '';
  for (const prefix of alias[1] === '$lib' ? LIBRARY : ALIASES)
    for (const base of [root, '']) {
      const found = find(`${base}${prefix}${alias[2]}`, files);
      if (found !== undefined) return found;
    }
  return undefined;
}
