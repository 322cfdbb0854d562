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
  if (alias === null) return aliased(from, module, files);
  const root = from.includes('/src/') ? from.slice(0, from.indexOf('/src/') + 1) : '';
  for (const prefix of alias[1] === '$lib' ? LIBRARY : ALIASES)
    for (const base of [root, '']) {
      const found = find(`${base}${prefix}${alias[2]}`, files);
      if (found !== undefined) return found;
    }
  return undefined;
}

/** `@services/users`, `#models/user.js`, `lib/errors`: a path under a name that the project gave it, or from a root of its own. */
const NAMED =
  /^[@#~]?([\w-]+(?:\/[\w.-]+)+|(?:controllers?|middlewares?|models?|services?|routes?|repositories|lib|utils?|helpers|config|db))$/;

/** Files by their last name without its ending, made when the first such path is asked for. */
const byName = new WeakMap<ReadonlySet<string>, ReadonlyMap<string, readonly string[]>>();

const lastName = (path: string): string =>
  path
    .replace(/\/index\.\w+$/, '')
    .replace(/\.(?:[cm]?[jt]sx?|py)$/, '')
    .slice(path.replace(/\/index\.\w+$/, '').lastIndexOf('/') + 1);

function namesOf(files: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  let names = byName.get(files);
  if (names === undefined) {
    const made = new Map<string, string[]>();
    for (const file of files) {
      const name = lastName(file);
      const list = made.get(name);
      if (list === undefined) made.set(name, [file]);
      else list.push(file);
    }
    names = made;
    byName.set(files, names);
  }
  return names;
}

/** The one file whose path ends as the module is written; the folder that an alias stands for may lie anywhere. */
function aliased(from: string, module: string, files: ReadonlySet<string>): string | undefined {
  const path = NAMED.exec(module)?.[1]?.replace(/\.[cm]?[jt]sx?$/, '');
  if (path === undefined) return undefined;
  const ends = (namesOf(files).get(path.slice(path.lastIndexOf('/') + 1)) ?? []).filter((file) =>
    `/${file.replace(/(?:\/index)?\.\w+$/, '')}`.endsWith(`/${path}`),
  );
  if (ends.length === 0) return undefined;
  const near = ends.filter((file) => file.slice(0, file.indexOf('/')) === from.slice(0, from.indexOf('/')));
  if (path.includes('/')) return ends.length === 1 ? ends[0] : near.length === 1 ? near[0] : undefined;
  // A bare name is a folder beside the file's own root, if it is none of a library.
  const beside = near.filter((file) => file.split('/').length <= 3);
  return beside.length === 1 ? beside[0] : undefined;
}
