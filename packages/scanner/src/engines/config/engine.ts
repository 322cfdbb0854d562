import type { Rule } from '@ambit/core/catalog';
import type { Active, CompiledEngine, Engine, Gap, SourceFile } from '../../engine.ts';
import { lineStarts } from '../pattern/pattern.ts';
import { concludeFolders, type FolderFacts, folderFacts, isOfFolder } from './folder.ts';
import { type ConfigMatch, configMatch, type Format } from './match-schema.ts';
import { parseDockerfile, parseHcl, parseNginx } from './parse-blocks.ts';
import { parseJson, parseToml, parseYaml } from './parse-data.ts';
import { scopeOf } from './scope.ts';
import { candidatesOf, compileSetting, findSettings, type SettingRule } from './setting-rule.ts';
import { type Setting, settingsOfLines, settingsOfTrees, settingsOfXml } from './settings.ts';
import { compileText, createPathTests, type TextRule } from './text-rule.ts';
import type { Parse, Parsed, Tree } from './tree.ts';
import { compileTree, type TreeAnswer, type TreeRule } from './tree-rule.ts';

/** What reads each format. */
const parsers: Record<Format, Parse> = {
  yaml: parseYaml,
  json: parseJson,
  toml: parseToml,
  hcl: parseHcl,
  dockerfile: parseDockerfile,
  nginx: parseNginx,
};

const formats: Readonly<Record<string, Format>> = {
  yaml: 'yaml',
  json: 'json',
  toml: 'toml',
  terraform: 'hcl',
  dockerfile: 'dockerfile',
  nginx: 'nginx',
};

/** nginx files are told by their folder, their name or, ending in `.conf`, by what they hold. */
function formatOf(file: SourceFile): Format | undefined {
  const known = formats[file.language];
  if (known) return known;
  if (/(?:^|\/)(?:nginx|sites-(?:available|enabled)|nginx\/conf\.d)\/[^/]+$/.test(file.path)) return 'nginx';
  // Other programs have such a folder as well.
  const isPart = /(?:^|\/)conf\.d\/[^/]+$/.test(file.path);
  if (isPart && /^[ \t]*[a-z_]{2,60}[ \t][^\n;{}=]{1,200};[ \t\r]*$/m.test(file.text)) return 'nginx';
  const isConf = /\.(?:conf|vhost|nginx|template|tpl)$/.test(file.path);
  return isConf && /\b(?:server|location\s[^\n{]{0,300}|http|upstream\s+\S{1,200})\s*\{/.test(file.text)
    ? 'nginx'
    : undefined;
}

type FormatOf = (file: SourceFile) => Format | undefined;

/** Markdown is read as the YAML of its front matter. */
function documentText(file: SourceFile): string {
  if (file.language !== 'markdown') return file.text;
  return /^---\r?\n([\s\S]*?)\r?\n---/.exec(file.text)?.[0].replace(/^---/, '').replace(/---$/, '') ?? '';
}

/** A file's documents, read at the first need; none where it has no format. */
function reader(file: SourceFile, format: Format | undefined) {
  let parsed: Parsed | undefined;
  return {
    format,
    documents: (): readonly Tree[] => {
      if (!parsed && format) parsed = parsers[format](documentText(file));
      return parsed?.documents ?? [];
    },
    /** What could not be read, where reading was called for. */
    gaps: (): Gap[] =>
      parsed?.broken === undefined
        ? []
        : [{ file: file.path, reason: `it cannot be read to the end as ${format}: ${parsed.broken}` }],
  };
}

type Reading = ReturnType<typeof reader>;

/** Settings are read from the tree where a format has one, else line by line. */
function readSettings(file: SourceFile, { format, documents }: Reading): Setting[] {
  if (/\.(?:xml|config|plist)$/i.test(file.path)) return settingsOfXml(file.text);
  if (format === undefined || format === 'nginx' || format === 'dockerfile') {
    const settings = settingsOfLines(file.text, /\.(?:conf|cnf|cfg|cf)$/.test(file.path));
    // Python's `None` is a setting that nobody has made.
    return file.language === 'python' ? settings.filter(({ value }) => value !== 'None') : settings;
  }
  return settingsOfTrees(documents(), format === 'hcl');
}

interface Compiled {
  trees: TreeRule[];
  texts: TextRule[];
  settings: SettingRule[];
}

function compileAll(rules: readonly Rule[]): Compiled {
  const paths = createPathTests();
  const compiled: Compiled = { trees: [], texts: [], settings: [] };
  for (const rule of rules) {
    // Checked where rules are read; once more would be an eighth of a thread's start.
    const match = rule.match as ConfigMatch;
    if (match.kind === 'tree') compiled.trees.push(compileTree(rule, match, paths));
    else if (match.kind === 'text') compiled.texts.push(compileText(rule, match, paths));
    else compiled.settings.push(compileSetting(rule, match));
  }
  return compiled;
}

/** Those of rules that are active in a file, in their order: a file has words of a few, and asking all of them costs more. */
function byActive<T extends { rule: Rule }>(all: readonly T[]): (active: Active) => readonly T[] {
  const open = all.flatMap((each, order) => (each.rule.keywords ? [] : [order]));
  const byRule = new Map<string, number[]>();
  for (const [order, { rule }] of all.entries())
    if (rule.keywords) byRule.set(rule.id, [...(byRule.get(rule.id) ?? []), order]);
  return ({ woken }) => {
    const orders = [...open];
    for (const id of woken) orders.push(...(byRule.get(id) ?? []));
    return orders.sort((a, b) => a - b).map((order) => all[order] as T);
  };
}

/** Compiles rules of trees, texts and settings; `formatOf` says how a file is read, if it is. */
export function compileConfig(rules: readonly Rule[], formatOf: FormatOf): CompiledEngine<FolderFacts> {
  const { trees, texts, settings } = compileAll(rules);
  const ofFolder = trees.filter(isOfFolder);
  const settling = new Set(ofFolder.flatMap(({ match }) => match.elsewhere ?? []));
  const candidates = candidatesOf(settings);
  const [treesFor, textsFor] = [byActive(trees), byActive(texts)];
  const asked = new Map(trees.map(({ rule, names }) => [rule.id, names]));
  const scanFile: CompiledEngine<FolderFacts>['scanFile'] = (file, active) => {
    let lines: number[] | undefined;
    const starts = () => {
      lines ??= lineStarts(file.text);
      return lines;
    };
    const speaks = ({ rule, wants }: TextRule | TreeRule) =>
      (rule.languages?.includes(file.language) ?? true) && wants(file.path);
    const reading = reader(file, formatOf(file));
    const { format } = reading;
    const due = format ? treesFor(active).filter((tree) => tree.formats.has(format) && speaks(tree)) : [];
    const answers = due.map((tree): [TreeRule, TreeAnswer] => [tree, tree.run(reading.documents())]);
    const open = answers.filter(([tree]) => isOfFolder(tree));
    const findings = answers.filter(([tree]) => !isOfFolder(tree)).flatMap(([, answer]) => answer.findings);
    for (const text of textsFor(active)) if (speaks(text)) findings.push(...text.run(file.text, starts));
    const scope = settings.length > 0 ? scopeOf(file) : undefined;
    if (scope) {
      const due = ({ rule, scopes }: SettingRule) => scopes.has(scope) && active.has(rule.id);
      findings.push(...findSettings(readSettings(file, reading), candidates, due, findings, asked));
    }
    const isTerraform = format === 'hcl' && settling.size > 0;
    const facts = folderFacts(open, isTerraform ? reading.documents() : [], settling);
    return { findings, gaps: reading.gaps(), ...(facts ? { facts } : {}) };
  };
  const conclude: CompiledEngine<FolderFacts>['conclude'] = (facts) => ({
    findings: concludeFolders(facts, ofFolder),
    gaps: [],
  });
  return { wants: () => true, scanFile, conclude };
}

/** Configuration of servers, hosts, clouds, containers and builds. */
export const configEngine: Engine<FolderFacts> = {
  name: 'config',
  matchSchema: configMatch,
  compile: (rules) => compileConfig(rules, formatOf),
};
