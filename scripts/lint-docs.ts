// Pages of the lint rules in docs/lint, generated from catalog/lint. Run: npm run unit fails when they are stale;
// node scripts/lint-docs.ts writes them.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LintRule, type LintSample, parseLintRules } from '@ambit/core/spec';
import { readCatalogSources } from '../test/support/catalog.ts';
import { root } from './files.ts';

const folder = join(root, 'docs', 'lint');

const fence = (text: string) => `\`\`\`\`markdown\n${text.trimEnd()}\n\`\`\`\``;

function sample(entry: LintSample): string {
  if (typeof entry === 'string') return fence(entry);
  return Object.entries(entry)
    .map(([name, value]) =>
      typeof value === 'string' ? `${name}:\n\n${fence(value)}` : `${name}: ${JSON.stringify(value)}`,
    )
    .join('\n\n');
}

function page(rule: LintRule): string {
  const messages = Object.entries(rule.messages).map(
    ([name, { severity, text }]) => `| ${name} | ${severity} | ${text.replaceAll('|', '\\|')} |`,
  );
  const words = Object.entries(rule.words).map(([name, list]) => `- ${name}: ${list.join(', ')}`);
  return `<!-- Generated from catalog/lint by scripts/lint-docs.ts -->
# ${rule.id}: ${rule.title}

${rule.why}

**What to do.** ${rule.repair}

${rule.language === 'en' ? 'Reads English words; keeps silent in a text of another language.' : 'Holds in every language.'}

| message | severity | text |
| --- | --- | --- |
${messages.join('\n')}
${words.length > 0 ? `\n## Words\n\n${words.join('\n')}\n` : ''}
## Speaks on

${(rule.samples?.match ?? []).map(sample).join('\n\n')}

## Keeps silent on

${(rule.samples?.['no-match'] ?? []).map(sample).join('\n\n')}

## To silence it

\`<!-- ambit-ignore ${rule.id}: why it is right here -->\` directly above the criterion or task, or
\`<!-- ambit-ignore-file ${rule.id}: why -->\` for the whole file. Without a reason it is not followed.
`;
}

function index(rules: readonly LintRule[]): string {
  const rows = rules.map(
    (rule) =>
      `| [${rule.id}](${rule.id.toLowerCase()}.md) | ${rule.title} | ${[...new Set(Object.values(rule.messages).map((message) => message.severity))].join(', ')} |`,
  );
  return `<!-- Generated from catalog/lint by scripts/lint-docs.ts -->
# Rules of \`ambit spec check\`

E rules judge the text of criteria and what they refer to, S rules the shape of documents. Errors block approval.

| rule | | severity |
| --- | --- | --- |
${rows.join('\n')}
`;
}

/** Every page by file name, as it should be. */
export async function lintPages(): Promise<Map<string, string>> {
  const { list } = parseLintRules(await readCatalogSources('lint'));
  return new Map([
    ['README.md', index(list)],
    ...list.map((rule) => [`${rule.id.toLowerCase()}.md`, page(rule)] as const),
  ]);
}

/** Names of pages that are missing, stale or too many. */
export async function stalePages(): Promise<string[]> {
  const pages = await lintPages();
  const there = await readdir(folder).catch(() => []);
  const stale: string[] = there.filter((name) => !pages.has(name));
  for (const [name, text] of pages)
    if ((await readFile(join(folder, name), 'utf8').catch(() => '')) !== text) stale.push(name);
  return stale;
}

if (import.meta.main) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, text] of await lintPages()) await writeFile(join(folder, name), text);
}
