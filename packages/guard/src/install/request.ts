import type { Ecosystem } from './catalog.ts';

export interface PackageSpec {
  /** As written. */
  raw: string;
  name: string;
  /** Version, range or tag; absent when none was given. */
  range?: string;
  /** `registry` by name; anything else comes from somewhere nobody has checked. */
  kind: 'registry' | 'git' | 'address' | 'archive' | 'folder';
}

/** What one command line wants from a package manager. */
export interface InstallRequest {
  tool: string;
  ecosystem: Ecosystem;
  /** `locked`: exactly what the lockfile says; `manifest`: what the manifest says; `add`: named packages; `run`: npx and kin. */
  mode: 'locked' | 'manifest' | 'add' | 'run';
  packages: readonly PackageSpec[];
  /** Requirement files of pip. */
  files: readonly string[];
  /** A registry named on the command line. */
  registry?: string;
  global: boolean;
  /** Scripts were switched on by hand. */
  scripts: boolean;
}

interface Tool {
  ecosystem: Ecosystem;
  add: readonly string[];
  locked: readonly string[];
  manifest: readonly string[];
  run: readonly string[];
  /** Options that take the next word as their value. */
  takes: readonly string[];
  /** `add` without packages means `manifest`. */
  bareAdd?: boolean;
}

const npmTakes = [
  '--registry',
  '--prefix',
  '-C',
  '--cache',
  '--tag',
  '--workspace',
  '-w',
  '--userconfig',
  '--save-prefix',
  '--omit',
  '--include',
  '--loglevel',
  '--before',
  '--install-strategy',
  '--cpu',
  '--os',
  '--libc',
  '--location',
  '--script-shell',
  '--node-options',
  '--call',
  '-c',
  '--package',
  '-p',
];
const tools: Readonly<Record<string, Tool>> = {
  npm: {
    ecosystem: 'npm',
    add: [
      'install',
      'i',
      'in',
      'ins',
      'inst',
      'insta',
      'instal',
      'isnt',
      'isnta',
      'isntal',
      'isntall',
      'add',
      'update',
      'up',
      'upgrade',
      'udpate',
      'install-test',
      'it',
    ],
    locked: [
      'ci',
      'clean-install',
      'ic',
      'install-clean',
      'isntall-clean',
      'cit',
      'install-ci-test',
      'clean-install-test',
      'sit',
    ],
    manifest: ['dedupe', 'ddp'],
    run: ['exec', 'x', 'create', 'init', 'innit'],
    takes: npmTakes,
    bareAdd: true,
  },
  pnpm: {
    ecosystem: 'npm',
    add: ['add', 'install', 'i', 'update', 'up', 'upgrade'],
    locked: [],
    manifest: ['fetch', 'dedupe', 'import'],
    run: ['dlx', 'exec', 'create'],
    takes: [...npmTakes, '--filter', '-F', '--dir', '--store-dir'],
    bareAdd: true,
  },
  yarn: {
    ecosystem: 'npm',
    add: ['add', 'up', 'upgrade', 'upgrade-interactive'],
    locked: [],
    manifest: ['install', ''],
    run: ['dlx', 'create'],
    takes: ['--registry', '--cwd', '--cache-folder', '--modules-folder', '--mode'],
  },
  bun: {
    ecosystem: 'npm',
    add: ['add', 'a', 'install', 'i', 'update'],
    locked: ['ci'],
    manifest: [],
    run: ['x', 'create'],
    takes: ['--registry', '--cwd', '--cache-dir', '--filter'],
    bareAdd: true,
  },
  npx: { ecosystem: 'npm', add: [], locked: [], manifest: [], run: [], takes: npmTakes },
  pip: {
    ecosystem: 'pypi',
    add: ['install', 'download', 'wheel'],
    locked: [],
    manifest: [],
    run: [],
    takes: [
      '-i',
      '--index-url',
      '--extra-index-url',
      '-f',
      '--find-links',
      '-t',
      '--target',
      '-c',
      '--constraint',
      '--prefix',
      '--root',
      '--src',
      '--progress-bar',
      '--platform',
      '--python-version',
      '--implementation',
      '--abi',
      '--trusted-host',
      '--proxy',
      '--timeout',
      '--cache-dir',
      '-e',
      '--editable',
      '-r',
      '--requirement',
      '--only-binary',
      '--no-binary',
    ],
  },
};
const aliases: Readonly<Record<string, string>> = { pnpx: 'npx', bunx: 'npx', yarnx: 'npx', pip3: 'pip' };
const registryFlags = new Set(['--registry', '-i', '--index-url', '--extra-index-url', '-f', '--find-links']);

interface Words {
  plain: string[];
  options: Map<string, string[]>;
}

/** Splits words into operands and options. An option's value follows by `=` or, where the tool says so, as next word. */
function sort(words: readonly string[], takes: readonly string[]): Words {
  const plain: string[] = [];
  const options = new Map<string, string[]>();
  const add = (name: string, value: string) => options.set(name, [...(options.get(name) ?? []), value]);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '--') {
      plain.push(...words.slice(i + 1));
      break;
    }
    const joined = /^(--?[\w-]+)=([\s\S]*)$/.exec(word);
    if (joined) add(joined[1] ?? '', joined[2] ?? '');
    else if (takes.includes(word)) add(word, words[++i] ?? '');
    else if (word.startsWith('-') && word !== '-') add(word, 'true');
    else plain.push(word);
  }
  return { plain, options };
}

/** Reads a command as an install; undefined when it is none. `argv[0]` may be a path. */
export function readInstall(argv: readonly string[]): InstallRequest | undefined {
  const program =
    (argv[0] ?? '')
      .split('/')
      .at(-1)
      ?.replace(/\.(?:exe|cmd|js)$/, '') ?? '';
  const python = /^(?:python[\d.]*|py)$/.test(program) && argv[1] === '-m' && argv[2] === 'pip';
  const uv = program === 'uv' && argv[1] === 'pip';
  const name = python || uv ? 'pip' : /^pip\d[\d.]*$/.test(program) ? 'pip' : (aliases[program] ?? program);
  const tool = tools[name];
  if (!tool) return undefined;
  const words = argv.slice(python ? 3 : uv ? 2 : 1);
  const { plain, options } = sort(words, tool.takes);
  if (name === 'npx') return runRequest('npx', plain, options);
  const [verb = '', ...operands] = plain;
  const shared = sharedParts(name, tool, options);
  const frozen = ['--frozen-lockfile', '--immutable', '--frozen'].some(
    (flag) => options.has(flag) && options.get(flag)?.[0] !== 'false',
  );
  if (tool.run.includes(verb)) return runRequest(name, operands, options);
  if (tool.locked.includes(verb)) return { ...shared, mode: 'locked', packages: [] };
  if (tool.manifest.includes(verb)) return { ...shared, mode: frozen ? 'locked' : 'manifest', packages: [] };
  if (!tool.add.includes(verb)) return undefined;
  const editable = [...(options.get('-e') ?? []), ...(options.get('--editable') ?? [])];
  const packages = [...operands, ...editable].map((raw) => readSpec(raw, tool.ecosystem));
  if (packages.length > 0 || !tool.bareAdd) return { ...shared, mode: 'add', packages };
  return { ...shared, mode: frozen ? 'locked' : 'manifest', packages: [] };
}

function sharedParts(name: string, tool: Tool, options: Words['options']): Omit<InstallRequest, 'mode' | 'packages'> {
  const registry = [...options]
    .filter(([flag]) => registryFlags.has(flag) || /:registry$/.test(flag))
    .flatMap(([, values]) => values)[0];
  const files = [...(options.get('-r') ?? []), ...(options.get('--requirement') ?? [])];
  const global =
    ['-g', '--global', '--user'].some((flag) => options.has(flag)) || options.get('--location')?.[0] === 'global';
  const scripts =
    options.get('--ignore-scripts')?.[0] === 'false' ||
    options.has('--no-ignore-scripts') ||
    options.has('--foreground-scripts') ||
    options.has('--trust') ||
    options.has('--no-binary');
  return {
    tool: name,
    ecosystem: tool.ecosystem,
    files,
    global,
    scripts,
    ...(registry === undefined ? {} : { registry }),
  };
}

function runRequest(tool: string, operands: readonly string[], options: Words['options']): InstallRequest | undefined {
  const offline = options.has('--no-install') || options.has('--no') || options.has('--offline');
  const named = [...(options.get('-p') ?? []), ...(options.get('--package') ?? [])];
  const first = named.length > 0 ? named : operands.slice(0, 1);
  if (offline || first.length === 0) return undefined;
  const registry = options.get('--registry')?.[0];
  const packages = first.map((raw) => readSpec(raw, 'npm'));
  const shared = { tool, ecosystem: 'npm' as const, files: [], global: false, scripts: false };
  return { ...shared, mode: 'run', packages, ...(registry === undefined ? {} : { registry }) };
}

/** Reads one package as a command or manifest names it. */
export function readSpec(raw: string, ecosystem: Ecosystem): PackageSpec {
  const kind = kindOf(raw);
  if (kind !== 'registry') return { raw, name: raw, kind };
  if (ecosystem === 'pypi') {
    const match = /^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*((?:[=<>!~]=?|===|@).*)?$/.exec(
      raw.split(';')[0]?.trim() ?? '',
    );
    if (!match || /@/.test(match[2] ?? '')) return { raw, name: raw, kind: 'address' };
    return { raw, name: match[1] ?? raw, kind, ...(match[2] ? { range: match[2].replaceAll(' ', '') } : {}) };
  }
  const alias = /^(?:@[^/]+\/)?[^@/]+@npm:(.+)$/.exec(raw);
  const match = /^((?:@[^/@]+\/)?[^@/]+)(?:@(.*))?$/.exec(alias?.[1] ?? raw);
  if (!match) return { raw, name: raw, kind: 'git' };
  const behind = match[2] ?? '';
  const other = behind ? kindOf(behind) : 'registry';
  return { raw, name: match[1] ?? raw, kind: other, ...(behind ? { range: behind } : {}) };
}

function kindOf(text: string): PackageSpec['kind'] {
  if (/^(?:git(?:\+[a-z]+)?:|git@|github:|gitlab:|bitbucket:|gist:|hg\+|svn\+|bzr\+)/i.test(text)) return 'git';
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return /\.git(?:#.*)?$/.test(text) ? 'git' : 'address';
  if (/^(?:file|link|portal|workspace):/i.test(text) || /^(?:\.{1,2}(?:\/|$)|\/|~\/)/.test(text))
    return /\.(?:tgz|tar\.gz|tar|whl|zip)$/i.test(text) ? 'archive' : 'folder';
  if (/\.(?:tgz|tar\.gz|tar|whl|zip)$/i.test(text)) return 'archive';
  // `owner/repository` is GitHub's short form; `@scope/name` is a package.
  if (/^[^@\s/]+\/[^\s/]+$/.test(text)) return 'git';
  return 'registry';
}
