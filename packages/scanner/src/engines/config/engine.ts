import type { Rule } from '@ambit/core/catalog';
import type { CompiledEngine, Engine, Gap, RawFinding, SourceFile } from '../../engine.ts';
import { lineStarts } from '../pattern/pattern.ts';
import { configMatch, type Format } from './match-schema.ts';
import { parseDockerfile, parseHcl, parseNginx } from './parse-blocks.ts';
import { parseJson, parseToml, parseYaml } from './parse-data.ts';
import { compileText, createPathTests, type TextRule } from './text-rule.ts';
import type { Parse } from './tree.ts';
import { compileTree, type TreeRule } from './tree-rule.ts';

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
  if (/(?:^|\/)(?:nginx|sites-(?:available|enabled)|conf\.d)\/[^/]+$/.test(file.path)) return 'nginx';
  const isConf = /\.(?:conf|vhost|nginx|template|tpl)$/.test(file.path);
  return isConf && /\b(?:server|location\s[^\n{]*|http|upstream\s+\S+)\s*\{/.test(file.text) ? 'nginx' : undefined;
}

type FormatOf = (file: SourceFile) => Format | undefined;

/** Markdown is read as the YAML of its front matter. */
function documentText(file: SourceFile): string {
  if (file.language !== 'markdown') return file.text;
  return /^---\r?\n([\s\S]*?)\r?\n---/.exec(file.text)?.[0].replace(/^---/, '').replace(/---$/, '') ?? '';
}

function runTrees(file: SourceFile, formatOf: FormatOf, due: (format: Format) => readonly TreeRule[]) {
  const findings: RawFinding[] = [];
  const gaps: Gap[] = [];
  const format = formatOf(file);
  const rules = format === undefined ? [] : due(format);
  if (format === undefined || rules.length === 0) return { findings, gaps };
  const documents = parsers[format](documentText(file));
  if (!documents) gaps.push({ file: file.path, reason: `it cannot be read as ${format}` });
  for (const rule of rules) findings.push(...rule.run(documents ?? []));
  return { findings, gaps };
}

/** Compiles rules of trees and texts; `formatOf` says how a file is read, if it is. */
export function compileConfig(rules: readonly Rule[], formatOf: FormatOf): CompiledEngine<never> {
  const paths = createPathTests();
  const trees: TreeRule[] = [];
  const texts: TextRule[] = [];
  for (const rule of rules) {
    const match = configMatch.parse(rule.match);
    if (match.kind === 'tree') trees.push(compileTree(rule, match, paths));
    else texts.push(compileText(rule, match, paths));
  }
  const scanFile: CompiledEngine<never>['scanFile'] = (file, active) => {
    let lines: number[] | undefined;
    const starts = () => {
      lines ??= lineStarts(file.text);
      return lines;
    };
    const speaks = ({ rule, wants }: TextRule | TreeRule) =>
      active.has(rule.id) && (rule.languages?.includes(file.language) ?? true) && wants(file.path);
    const { findings, gaps } = runTrees(file, formatOf, (format) =>
      trees.filter((tree) => tree.formats.has(format) && speaks(tree)),
    );
    for (const text of texts) if (speaks(text)) findings.push(...text.run(file.text, starts));
    return { findings, gaps };
  };
  return { wants: () => true, scanFile };
}

/** Configuration of servers, hosts, clouds, containers and builds. */
export const configEngine: Engine<never> = {
  name: 'config',
  matchSchema: configMatch,
  compile: (rules) => compileConfig(rules, formatOf),
};
