import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillSample } from '@ambit/core/detect';
import { createScanner, readRules, type Scanner, scanTexts } from '@ambit/scanner';
import { readCatalogSources } from '../../test/support/catalog.ts';

/** A small project that is good or bad, and what the scanner said about it. */
export interface Case {
  batch: string;
  bad: boolean;
  title: string;
  files: Map<string, string>;
  /** Lines of the only file that it is about; absent: all. */
  lines?: { from: number; to: number };
}

export interface Score {
  /** Bad ones with a finding, bad ones without, good ones with one. */
  found: number;
  missed: string[];
  wrong: string[];
  precision: number;
  recall: number;
  f1: number;
  /** Good twins of which something is said at all, be it of what both leave unset. */
  spoken: string[];
}

const files = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .sort();

/** A pair as its two cases: lines that start with `✗` stand in the bad one only, those with `✓` in the good one. */
function casesOfPart(part: string): string[] {
  if (!part.startsWith('pair ')) return [part];
  const without = (other: string) => part.replaceAll(new RegExp(`^${other}.*\n`, 'gm'), '').replaceAll(/^[✗✓]/gm, '');
  return [without('✓').replace('pair', 'bad'), without('✗').replace('pair', 'good')];
}

/** `=== bad|good|pair title`, then `--- path` before the text of each file. */
export function readCases(folder: string): Case[] {
  return files(folder).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .split(/^=== /m)
      .slice(1)
      .flatMap(casesOfPart)
      .map((part, number) => {
        const [head = '', ...bodies] = part.split(/^--- (?=[\w./-]+$)/m);
        const texts = bodies.map((body) => {
          const end = body.indexOf('\n');
          return [body.slice(0, end), fillSample(body.slice(end + 1), number + 1)] as const;
        });
        const [, kind = '', title = ''] = /^(bad|good) (.*)/.exec(head) ?? [];
        return { batch: name.replace('.txt', ''), bad: kind === 'bad', title, files: new Map(texts) };
      }),
  );
}

/** `=== title`, `--- path`, then a file in which `✗` or `✓` on a line of its own marks what follows, up to the next mark. */
export function readMarks(folder: string): Case[] {
  return files(folder).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .split(/^=== /m)
      .slice(1)
      .flatMap((part) => {
        const [title = '', head = '', ...body] = part.split('\n');
        const pieces = body.join('\n').split(/^(?=[✗✓]$)/m);
        const text = pieces.map((piece) => piece.replace(/^[✗✓]\n/, '')).join('');
        let line = 1;
        return pieces.flatMap((piece): Case[] => {
          const from = line;
          line += piece.split('\n').length - (/^[✗✓]\n/.test(piece) ? 2 : 1);
          if (!/^[✗✓]\n/.test(piece)) return [];
          const lines = { from, to: line - 1 };
          const place = { title: `${title}, line ${from}`, files: new Map([[head.slice(4), text]]), lines };
          return [{ batch: name.replace('.txt', ''), bad: piece.startsWith('✗'), ...place }];
        });
      }),
  );
}

/** `@ path`, then one sample a line: `+` holds a secret that somebody could use, `-` holds none; `⏎` breaks a line. */
export function readLines(folder: string): Case[] {
  return files(folder).flatMap((name) => {
    let path = '';
    return readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .flatMap((line, number) => {
        const [mark, text] = [line[0], line.slice(2)];
        if (mark === '@') path = text;
        if (mark !== '+' && mark !== '-') return [];
        const whole = `${fillSample(text, number + 1).replaceAll('⏎', '\n')}\n`;
        const title = `${path}: ${text}`;
        return [{ batch: name.replace('.txt', ''), bad: mark === '+', title, files: new Map([[path, whole]]) }];
      });
  });
}

/**
 * A bad case is found where the scanner says something of it; a good one is wrong where it does. Where both carry the
 * same title they differ in one setting, and only what is said of one of them counts.
 */
function scoreOf(scanner: Scanner, cases: readonly Case[], counts: (rule: string) => boolean): Score {
  const score: Score = { found: 0, missed: [], wrong: [], precision: 0, recall: 0, f1: 0, spoken: [] };
  const said = new Map(
    cases.map((one) => {
      const { from = 0, to = Number.POSITIVE_INFINITY } = one.lines ?? {};
      const findings = scanTexts(scanner, one.files).findings.filter(({ line }) => from <= line && line <= to);
      return [one, new Set(findings.map((finding) => finding.ruleId))];
    }),
  );
  const twins = new Map(cases.map((one) => [`${one.bad} ${one.title}`, one]));
  for (const one of cases) {
    const { bad, title } = one;
    const other = twins.get(`${!bad} ${title}`);
    const rules = [...(said.get(one) ?? [])].filter((rule) => counts(rule) && !(other && said.get(other)?.has(rule)));
    if (!bad && other && [...(said.get(one) ?? [])].some(counts)) score.spoken.push(title);
    if (bad && rules.length === 0) score.missed.push(title);
    else if (bad) score.found += 1;
    else if (rules.length > 0) score.wrong.push(`${title}: ${rules.join(', ')}`);
  }
  score.precision = score.found / (score.found + score.wrong.length);
  score.recall = score.found / (score.found + score.missed.length);
  score.f1 = (2 * score.precision * score.recall) / (score.precision + score.recall);
  return score;
}

interface Shipped {
  scanner: Scanner;
  /** Ids of the rules that look for secrets. */
  secrets: ReadonlySet<string>;
}

/** The scanner with all shipped rules. */
export async function shippedScanner(): Promise<Shipped> {
  const all = readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks'));
  const secrets = new Set(all.rules.filter(({ engine }) => engine === 'pattern').map(({ id }) => id));
  return { scanner: await createScanner(all), secrets };
}

/** Rules about what small projects lack by nature, and what is true of any old version. */
const beside: ReadonlySet<string> = new Set(['no-lockfile', 'package-with-known-flaw']);

/** Scores of every batch of every kind, in order. */
export function scoreAll({ scanner, secrets }: Shipped): (Score & { name: string })[] {
  return ['secrets', 'config', 'marks', 'agent-config', 'deps'].flatMap((kind) => {
    const folder = join(import.meta.dirname, kind);
    const read = kind === 'secrets' ? readLines : kind === 'marks' ? readMarks : readCases;
    const cases = read(folder);
    const counts = (rule: string) => (kind === 'secrets' ? secrets.has(rule) : !beside.has(rule));
    return [...new Set(cases.map(({ batch }) => batch))].map((batch) => ({
      name: `${kind} ${batch}`,
      ...scoreOf(
        scanner,
        cases.filter((one) => one.batch === batch),
        counts,
      ),
    }));
  });
}
