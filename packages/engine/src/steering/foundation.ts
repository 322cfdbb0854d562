/** What the foundation files are made from; read by the caller, so that this room stays pure. */
export interface ProjectSurvey {
  name: string;
  description?: string;
  /** First paragraph of the README. */
  introduction?: string;
  languages: { name: string; files: number }[];
  frameworks: string[];
  packageManager?: string;
  /** Name and command of package scripts and the like. */
  commands: { name: string; command: string }[];
  folders: { path: string; files: number; role?: string }[];
  testFiles: string[];
}

interface SurveyInput {
  folder: string;
  /** Workspace-relative paths, ignore files honoured. */
  files: readonly string[];
  read: (path: string) => Promise<string | undefined>;
}

const languageOf: Record<string, string> = {
  ts: 'TypeScript',
  tsx: 'TypeScript',
  mts: 'TypeScript',
  js: 'JavaScript',
  jsx: 'JavaScript',
  mjs: 'JavaScript',
  cjs: 'JavaScript',
  py: 'Python',
  go: 'Go',
  rs: 'Rust',
  java: 'Java',
  kt: 'Kotlin',
  rb: 'Ruby',
  php: 'PHP',
  cs: 'C#',
  swift: 'Swift',
  sql: 'SQL',
  tf: 'Terraform',
  vue: 'Vue',
  svelte: 'Svelte',
  dart: 'Dart',
};

/** Dependency name to the name people use for it. */
const frameworkOf: Record<string, string> = {
  next: 'Next.js',
  react: 'React',
  vue: 'Vue',
  nuxt: 'Nuxt',
  svelte: 'Svelte',
  '@sveltejs/kit': 'SvelteKit',
  '@angular/core': 'Angular',
  express: 'Express',
  fastify: 'Fastify',
  hono: 'Hono',
  koa: 'Koa',
  '@nestjs/core': 'NestJS',
  '@trpc/server': 'tRPC',
  prisma: 'Prisma',
  '@prisma/client': 'Prisma',
  'drizzle-orm': 'Drizzle',
  '@supabase/supabase-js': 'Supabase',
  firebase: 'Firebase',
  'firebase-admin': 'Firebase Admin',
  'aws-cdk-lib': 'AWS CDK',
  vitest: 'Vitest',
  jest: 'Jest',
  '@playwright/test': 'Playwright',
  tailwindcss: 'Tailwind CSS',
  fastapi: 'FastAPI',
  flask: 'Flask',
  django: 'Django',
  sqlalchemy: 'SQLAlchemy',
  pytest: 'pytest',
};

const roleOf: Record<string, string> = {
  src: 'source',
  app: 'application routes',
  pages: 'pages',
  lib: 'library code',
  components: 'user interface components',
  api: 'API',
  server: 'server',
  routes: 'routes',
  controllers: 'request handlers',
  middleware: 'middleware',
  models: 'data models',
  services: 'business logic',
  migrations: 'database migrations',
  prisma: 'database schema',
  supabase: 'Supabase project',
  infra: 'infrastructure',
  terraform: 'infrastructure',
  test: 'tests',
  tests: 'tests',
  __tests__: 'tests',
  e2e: 'end-to-end tests',
  docs: 'documentation',
  public: 'static files',
  scripts: 'scripts',
  packages: 'workspace packages',
};

function languages(files: readonly string[]): ProjectSurvey['languages'] {
  const counts = new Map<string, number>();
  for (const path of files) {
    const name = languageOf[/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ''];
    if (name) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => ({ name, files: count })).sort((a, b) => b.files - a.files);
}

function folders(files: readonly string[]): ProjectSurvey['folders'] {
  const counts = new Map<string, number>();
  for (const path of files) {
    const parts = path.split('/').slice(0, -1);
    for (let depth = 1; depth <= Math.min(2, parts.length); depth += 1) {
      const folder = parts.slice(0, depth).join('/');
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
  }
  return [...counts]
    .filter(([path]) => !path.startsWith('.'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, 40)
    .map(([path, count]) => {
      const role = roleOf[path.split('/').at(-1)?.toLowerCase() ?? ''];
      return { path, files: count, ...(role ? { role } : {}) };
    });
}

const managers: [file: string, name: string][] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
  ['uv.lock', 'uv'],
  ['poetry.lock', 'Poetry'],
  ['Cargo.lock', 'Cargo'],
  ['go.sum', 'Go modules'],
];

interface Manifest {
  name?: string;
  description?: string;
  scripts: Record<string, string>;
  dependencies: string[];
}

function parsePackageJson(text: string | undefined): Manifest {
  const empty: Manifest = { scripts: {}, dependencies: [] };
  if (text === undefined) return empty;
  try {
    const data = JSON.parse(text) as Record<string, unknown>;
    const record = (key: string) =>
      typeof data[key] === 'object' && data[key] !== null ? (data[key] as Record<string, string>) : {};
    return {
      ...(typeof data['name'] === 'string' ? { name: data['name'] } : {}),
      ...(typeof data['description'] === 'string' ? { description: data['description'] } : {}),
      scripts: record('scripts'),
      dependencies: [...Object.keys(record('dependencies')), ...Object.keys(record('devDependencies'))],
    };
  } catch {
    return empty;
  }
}

function pythonDependencies(...texts: (string | undefined)[]): string[] {
  const names = texts.flatMap((text) => [...(text ?? '').matchAll(/^\s*"?([A-Za-z][\w.-]*)\s*(?:[<>=~![;]|"|$)/gm)]);
  return names.map((match) => (match[1] ?? '').toLowerCase());
}

function introduction(readme: string | undefined): string | undefined {
  const paragraphs = (readme ?? '').split(/\r?\n\s*\r?\n/).map((part) => part.trim());
  return paragraphs.find((part) => part.length > 20 && !/^[#<![|>`-]/.test(part))?.replaceAll(/\s+/g, ' ');
}

/** Reads manifests and the file list of a code base. */
export async function surveyProject({ folder, files, read }: SurveyInput): Promise<ProjectSurvey> {
  const manifest = parsePackageJson(await read('package.json'));
  const python = pythonDependencies(await read('requirements.txt'), await read('pyproject.toml'));
  const known = [...manifest.dependencies, ...python].map((name) => frameworkOf[name]);
  const manager = managers.find(([file]) => files.includes(file))?.[1];
  const intro = introduction(await read('README.md'));
  return {
    name: manifest.name ?? folder,
    ...(manifest.description ? { description: manifest.description } : {}),
    ...(intro ? { introduction: intro } : {}),
    languages: languages(files),
    frameworks: [...new Set(known.filter((name): name is string => name !== undefined))],
    ...(manager ? { packageManager: manager } : {}),
    commands: Object.entries(manifest.scripts).map(([name, command]) => ({ name, command: String(command) })),
    folders: folders(files),
    testFiles: files.filter((path) => /(\.|_)(test|spec)\.\w+$|(^|\/)(tests?|__tests__)\//.test(path)).slice(0, 5),
  };
}

const bullets = (lines: readonly string[]) => lines.map((line) => `- ${line}\n`).join('');

/**
 * Kiro's three foundation files. What a survey cannot know is written as a question in angle brackets for a human, never
 * guessed.
 */
export function foundationFiles(survey: ProjectSurvey): Record<'product.md' | 'tech.md' | 'structure.md', string> {
  const about = survey.description ?? survey.introduction ?? '<What does this product do, and for whom?>';
  const run =
    survey.packageManager === undefined || !['pnpm', 'yarn', 'bun'].includes(survey.packageManager)
      ? 'npm run'
      : survey.packageManager;
  const commands = survey.commands.map(
    ({ name, command }) => `\`${run} ${name}\`: \`${command.replaceAll('`', "'")}\``,
  );
  const tree = survey.folders.map(({ path, files, role }) => `\`${path}/\`${role ? `: ${role}` : ''} (${files} files)`);
  return {
    'product.md': `# Product\n\n${survey.name}: ${about}\n\n## Users\n\n<Who uses it, and which data of theirs is sensitive?>\n\n## Goals\n\n<What must never break?>\n`,
    'tech.md': `# Technology\n\n## Stack\n\n${bullets([...survey.languages.map(({ name, files }) => `${name} (${files} files)`), ...survey.frameworks, ...(survey.packageManager ? [`packages: ${survey.packageManager}`] : [])])}\n## Commands\n\n${bullets(commands.length > 0 ? commands : ['<How is it built and tested?>'])}`,
    'structure.md': `# Structure\n\n${bullets(tree.length > 0 ? tree : ['all files lie in the root'])}\n## Tests\n\n${bullets(survey.testFiles.length > 0 ? survey.testFiles.map((path) => `for example \`${path}\``) : ['<Where do tests belong?>'])}`,
  };
}
