// node evals/scan/mutants.ts [app]: takes one guard at a time out of apps that have them, and asks whether the scanner notices.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createScanner, readRules, type Scanner, scanTexts } from '@ambit/scanner';
import { readCatalogSources } from '../../test/support/catalog.ts';
import { type MarkedApp, readMarkedApp } from './guard-marks.ts';

interface Operator {
  kind: string;
  files: RegExp;
  /** Every match is one mutant; what the replacement leaves is the app without the guard. */
  pattern: RegExp;
  replacement: string;
}

const CODE = /\.[jt]sx?$/;
const GUARD =
  'protect|admin|requireLogin|requireAuth|authenticate\\w*|ensure\\w+|isAuthenticated|verifyToken|checkAuth|adminOnly|auth';

/** What careless changes take away, as text: the operators know no app. */
const OPERATORS: readonly Operator[] = [
  {
    kind: 'route middleware',
    files: CODE,
    pattern: new RegExp(`(?<=\\(['"/:\\w]*,? ?)(?:(?:${GUARD}), )+(?!.*require|.* from )`, 'g'),
    replacement: '',
  },
  { kind: 'route hook', files: CODE, pattern: /\{ (?:onRequest|preHandler): \[[\w.]+\] \}, /g, replacement: '' },
  { kind: 'class guard', files: CODE, pattern: /^@UseGuards\(.*\)\n/gm, replacement: '' },
  { kind: 'role', files: CODE, pattern: /^\s*@Roles\(.*\)\n/gm, replacement: '' },
  {
    kind: 'login check',
    files: CODE,
    pattern: /^\s*if \(!(?:user|session\?*\.?\w*|request\.auth)\) (?:return|throw|redirect).*\n/gm,
    replacement: '',
  },
  {
    kind: 'owner in filter',
    files: CODE,
    pattern: /(?<=(?:_id: req\.params\.id|where: \{ id)), (?:user|userId|ownerId): (?:req|request)\.user\.\w+(?= \})/g,
    replacement: '',
  },
  { kind: 'owner in where', files: CODE, pattern: /(?<=where: \{ id), userId(?= \})/g, replacement: '' },
  {
    kind: 'global middleware',
    files: CODE,
    pattern: /^app\.use\((?:'\*', )?(?:helmet|csrf\w*|mongoSanitize|secureHeaders|ratelimit|hpp)\b[^\n]*\);\n/gm,
    replacement: '',
  },
  { kind: 'path middleware', files: CODE, pattern: /^app\.use\('[^']+', \(c, next\) => jwt.*\);\n/gm, replacement: '' },
  {
    kind: 'validator middleware',
    files: CODE,
    pattern: /zValidator\([^)]*\), /gm,
    replacement: '',
  },
  {
    kind: 'CSRF middleware',
    files: CODE,
    pattern: /(?<=\.post\([^\n]*)csrfProtection, |^ +csrfProtection,\n/gm,
    replacement: '',
  },
  {
    kind: 'user required',
    files: CODE,
    pattern: /^ +const (?:user|userId) = await require\w+\(\w*\);\n/gm,
    replacement: '',
  },
  { kind: 'session required', files: CODE, pattern: /^ +if \(!session\) return [^\n]*\n/gm, replacement: '' },
  { kind: 'role compared', files: CODE, pattern: /^ +if \(role !== 'admin'\) [^\n]*\n/gm, replacement: '' },
  {
    kind: 'owner compared late',
    files: CODE,
    pattern: /^ +if \(String\(recipe\.owner\)[^\n]*\n| \|\| team\.ownerId !== session\.user\.id/gm,
    replacement: '',
  },
  {
    kind: 'owner in condition',
    files: CODE,
    pattern: /and\((eq\(\w+\.id, [^)]*\)\)), eq\(\w+\.userId, sub\)\)/g,
    replacement: '$1',
  },
  {
    kind: 'owner in object',
    files: CODE,
    pattern:
      /(?<=\{ (?:_id|id)(?:: [\w.]+(?:\([\w.]+\))?)?), (?:ownerId|owner|userId|user_id)(?:: (?:user|ctx\.state\.user|request\.user|req\.session)\.\w+)?(?= \})/g,
    replacement: '',
  },
  {
    kind: 'hook removed',
    files: CODE,
    pattern: /onRequest: \[fastify\.authenticate\], |, fastify\.adminOnly/g,
    replacement: '',
  },
  {
    kind: 'schema removed',
    files: CODE,
    pattern: /, schema: \{ body: ticketBody \}|(?<=change = )Change\.parse(?=\(form\))/g,
    replacement: '',
  },
  {
    kind: 'regenerated session',
    files: CODE,
    pattern: /algorithms: \['HS256'\]/g,
    replacement: "algorithms: ['HS256', 'none']",
  },
  { kind: 'owner in chain', files: CODE, pattern: /\.eq\('owner_id', user\.id\)/g, replacement: '' },
  { kind: 'owner in SQL', files: CODE, pattern: / AND (?:author_id|user_id) = (?:\$\d|\?)/g, replacement: '' },
  {
    kind: 'owner compared',
    files: CODE,
    pattern: /^\s*if \(\w+\.data\(\)\?\.ownerId !== request\.auth\.uid\) throw.*\n/gm,
    replacement: '',
  },
  {
    kind: 'validation',
    files: CODE,
    pattern: /\b(?!IdParams)[A-Z]\w+\.parse\(((?:await )?(?:req|request)\.(?:body|json\(\)))\)/g,
    replacement: '$1',
  },
  { kind: 'type coerced', files: CODE, pattern: /\bString\((req\.body\.email)\)/g, replacement: '$1' },
  {
    kind: 'signature',
    files: CODE,
    pattern: /stripe\.webhooks\.constructEvent\(body, .*\);/g,
    replacement: 'JSON.parse(body);',
  },
  {
    kind: 'rate limit',
    files: CODE,
    pattern: /(?:loginLimiter, |\{ config: \{ rateLimit: .* \} \}, |^app\.use\('.*', rateLimit\(.*\n)/gm,
    replacement: '',
  },
  {
    kind: 'row level security',
    files: /\.sql$/,
    pattern: /^alter table .* enable row level security;\n/gm,
    replacement: '',
  },
  { kind: 'policy opened', files: /\.sql$/, pattern: /using \(auth\.uid\(\) = \w+\)/g, replacement: 'using (true)' },
  {
    kind: 'policy check opened',
    files: /\.sql$/,
    pattern: /with check \(auth\.uid\(\) = \w+\)/g,
    replacement: 'with check (true)',
  },
  { kind: 'search path', files: /\.sql$/, pattern: / set search_path = ''/g, replacement: '' },
  {
    kind: 'rules: owner',
    files: /\.rules$/,
    pattern: / && (?:request\.auth\.uid == userId|(?:request\.)?resource\.data\.ownerId == request\.auth\.uid)/g,
    replacement: '',
  },
  {
    kind: 'rules: signed in',
    files: /\.rules$/,
    pattern: /(?<=allow [\w, ]+: if )(?:signedIn\(\)|request\.auth != null)(?=;)/g,
    replacement: 'true',
  },
  {
    kind: 'token verified',
    files: CODE,
    pattern: /jwt\.verify\((.*), process\.env\.JWT_SECRET, \{.*\}\)/g,
    replacement: 'jwt.decode($1)',
  },
  { kind: 'cookie', files: CODE, pattern: /httpOnly: true/g, replacement: 'httpOnly: false' },
  {
    kind: 'hash rounds',
    files: CODE,
    pattern: /await bcrypt\.hash\((.*), 12\)/g,
    replacement: "require('crypto').createHash('md5').update($1).digest('hex')",
  },
];

export interface Mutant {
  app: string;
  /** Its guards are marked in place; the others are found by the operators. */
  marked: boolean;
  kind: string;
  file: string;
  line: number;
  found: string[];
}

const folder = join(import.meta.dirname, 'guards');

/** Apps whose guards are marked in place, by name. */
function readMarkedApps(): Map<string, MarkedApp> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  return new Map(names.map((name) => [name.slice(0, -4), readMarkedApp(readFileSync(join(folder, name), 'utf8'))]));
}

/** The texts of every app with all its guards. */
export function readApps(): Map<string, Map<string, string>> {
  const apps = new Map([...readMarkedApps()].map(([app, { texts }]) => [app, texts]));
  for (const app of readdirSync(folder).filter((name) => !name.endsWith('.txt'))) {
    const files = readdirSync(join(folder, app), { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    const texts = files.map(({ parentPath, name }) => join(parentPath, name));
    apps.set(app, new Map(texts.map((file) => [file.slice(join(folder, app).length + 1), readFileSync(file, 'utf8')])));
  }
  return apps;
}

const keyOf = ({ ruleId, file, message }: { ruleId: string; file: string; message?: string }) =>
  `${ruleId} ${file} ${message ?? ''}`;

function counted(scanner: Scanner, texts: ReadonlyMap<string, string>): Map<string, number> {
  const out = new Map<string, number>();
  for (const finding of scanTexts(scanner, texts).findings) out.set(keyOf(finding), (out.get(keyOf(finding)) ?? 0) + 1);
  return out;
}

/** What is said of `texts` and was not said of the whole app. */
function saidAnew(scanner: Scanner, before: ReadonlyMap<string, number>, texts: ReadonlyMap<string, string>): string[] {
  return [...counted(scanner, texts)].filter(([key, count]) => count > (before.get(key) ?? 0)).map(([key]) => key);
}

/** Every app with one guard taken away, and what the scanner says that it did not say of the whole app. */
export function runMutants(scanner: Scanner, only = ''): Mutant[] {
  const mutants: Mutant[] = [];
  const marked = readMarkedApps();
  for (const [app, texts] of readApps()) {
    if (!app.includes(only)) continue;
    const before = counted(scanner, texts);
    for (const { file, line, text, removed } of marked.get(app)?.mutants ?? []) {
      const found = saidAnew(scanner, before, new Map([...texts, [file, text]]));
      mutants.push({ app, marked: true, kind: removed.replace(/\s+/g, ' ').slice(0, 70), file, line, found });
    }
    if (marked.has(app)) continue;
    for (const [file, text] of texts)
      for (const { kind, files, pattern, replacement } of OPERATORS) {
        if (!files.test(file)) continue;
        for (const match of text.matchAll(pattern)) {
          const start = match.index;
          const once = new RegExp(pattern.source, pattern.flags.replace('g', 'y'));
          once.lastIndex = start;
          const found = saidAnew(scanner, before, new Map([...texts, [file, text.replace(once, replacement)]]));
          mutants.push({ app, marked: false, kind, file, line: text.slice(0, start).split('\n').length, found });
        }
      }
  }
  return mutants;
}

/** What `guards-misses.json` keeps: marked guards whose absence nothing is said of. */
export function missesOf(mutants: readonly Mutant[]): string[] {
  return mutants
    .filter(({ marked, found }) => marked && found.length === 0)
    .map(({ app, kind, file, line }) => `${app}/${file}:${line}: ${kind}`);
}

if (import.meta.main) {
  const rules = readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks'));
  const scanner = await createScanner(rules);
  const only = process.argv[2] ?? '';
  for (const [app, texts] of readApps())
    for (const { ruleId, file, line } of app.includes(only) ? scanTexts(scanner, texts).findings : [])
      console.log(`intact ${app}: ${ruleId} ${file}:${line}`);
  const mutants = runMutants(scanner, only);
  for (const { app, kind, file, line, found } of mutants)
    console.log(
      `${found.length > 0 ? 'found ' : 'MISSED'} ${kind}: ${app}/${file}:${line} ${found.join(' | ').slice(0, 110)}`,
    );
  console.log(`${mutants.filter(({ found }) => found.length > 0).length} of ${mutants.length} removed guards found`);
}
