import type { Finding, ScanResult } from '../finding.ts';

/** What of the terminal a report needs to know. */
export interface Screen {
  colour: boolean;
  columns: number;
  /** Lines of a scanned file, for code frames; undefined when it cannot be read. */
  lines?: (file: string) => readonly string[] | undefined;
}

const colours: Record<Finding['severity'], string> = {
  critical: '1;31',
  high: '31',
  medium: '33',
  low: '36',
  info: '2',
};

function painter(on: boolean): (code: string, text: string) => string {
  return (code, text) => (on ? `\u001b[${code}m${text}\u001b[0m` : text);
}

/** Control, bidirectional and invisible characters made visible: a scanned file must not steer the terminal. */
export function plain(text: string): string {
  return text.replaceAll(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]|\u{e0000}|[\u{e0001}-\u{e007f}]/gu,
    (char) => `<U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`,
  );
}

/** The secret of a frame's line is masked as the finding's own text is. */
function shown(line: string, finding: Finding, width: number): string {
  const start = (finding.column ?? 1) - 1;
  const end = finding.endLine === finding.line ? (finding.endColumn ?? line.length + 1) - 1 : line.length;
  const masked = finding.masked === undefined ? line : `${line.slice(0, start)}${finding.masked}${line.slice(end)}`;
  const from = Math.max(0, Math.min(start - 40, masked.length - width));
  const cut = masked.slice(from, from + width);
  return plain(`${from > 0 ? '…' : ''}${cut.replaceAll('\t', ' ')}${from + width < masked.length ? '…' : ''}`);
}

/** The finding's line with its secret masked, cut to `width`; undefined where there is nothing to show. */
export function frameOf(finding: Finding, lines: readonly string[] | undefined, width: number): string | undefined {
  const line = lines?.[finding.line - 1];
  return line === undefined || line.trim() === '' ? undefined : shown(line, finding, width);
}

function frame(finding: Finding, screen: Screen): string[] {
  const text = frameOf(finding, screen.lines?.(finding.file), Math.max(40, screen.columns - 14));
  return text === undefined ? [] : [`    ${String(finding.line).padStart(4)} | ${text}`];
}

/** Words broken into lines of `columns`; the first follows `first`, the others `indent`. */
export function wrap(text: string, indent: string, columns: number, first = indent): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of plain(text).split(/\s+/)) {
    if (!empty && line.length + word.length + 1 > columns) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}

/** What is wrong and where; the rule stands behind it where it fits, else below. */
function head(finding: Finding, columns: number, paint: ReturnType<typeof painter>): string[] {
  const { severity, ruleId, cwe } = finding;
  const place = `${finding.line}${finding.column === undefined ? '' : `:${finding.column}`}`;
  const lines = wrap(finding.message, '    ', columns, `  ${severity}  ${place}  `);
  const rule = `${ruleId} ${cwe.join(' ')}`.trim();
  const last = lines.at(-1) ?? '';
  if (last.length + rule.length + 2 <= columns) lines.splice(-1, 1, `${last}  ${paint('2', rule)}`);
  else lines.push(`    ${paint('2', rule)}`);
  return lines.map((line, at) => (at === 0 ? line.replace(severity, paint(colours[severity], severity)) : line));
}

/** Those of the counts that are not zero: `3 high, 2 low`. */
function counted(counts: readonly (readonly [string, number])[]): string {
  return counts
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}

function summary({ stats, findings, suppressed }: ScanResult): string {
  const severities = (['critical', 'high', 'medium', 'low', 'info'] as const).map(
    (severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const,
  );
  const kinds = counted(Object.entries(stats.skipped));
  const more = counted([
    [`skipped (${kinds})`, Object.values(stats.skipped).reduce((sum, each) => sum + each, 0)],
    ['from the cache', stats.cached],
    ['suppressed', suppressed.length],
  ]);
  const many = findings.length === 1 ? '1 finding' : `${findings.length} findings`;
  const said = findings.length === 0 ? 'no findings' : `${many} (${counted(severities)})`;
  const seconds = (stats.milliseconds / 1000).toFixed(2);
  return `${said} in ${stats.files} files, ${seconds} s${more === '' ? '' : `; ${more}`}`;
}

/** Findings of one rule in one file that are shown in full; a lockfile may have hundreds. */
const SHOWN_ALIKE = 5;

/** The first findings of each rule, and how many of it are left out. */
function alike(findings: readonly Finding[]): { shown: Finding[]; left: Map<string, number> } {
  const counts = new Map<string, number>();
  const shown = findings.filter(({ ruleId }) => {
    counts.set(ruleId, (counts.get(ruleId) ?? 0) + 1);
    return (counts.get(ruleId) ?? 0) <= SHOWN_ALIKE;
  });
  const over = [...counts].filter(([, count]) => count > SHOWN_ALIKE);
  return { shown, left: new Map(over.map(([rule, count]) => [rule, count - SHOWN_ALIKE])) };
}

/** Findings grouped by file, worst file first, each with its line, why it matters and what to do. */
export function terminalReport(result: ScanResult, screen: Screen): string {
  const paint = painter(screen.colour);
  const out: string[] = [];
  const byFile = new Map<string, Finding[]>();
  for (const finding of result.findings) byFile.set(finding.file, [...(byFile.get(finding.file) ?? []), finding]);
  for (const [file, findings] of byFile) {
    out.push(paint('1;4', plain(file)));
    const { shown: some, left } = alike(findings);
    for (const finding of some) {
      out.push(...head(finding, screen.columns, paint));
      out.push(...frame(finding, screen));
      for (const step of (finding.evidence ?? []).slice(0, 8))
        out.push(...wrap(`${step.file}:${step.line} ${step.text}`, '           ', screen.columns, '         '));
      out.push(...wrap(`why: ${finding.why}`, '    ', screen.columns));
      out.push(...wrap(`fix: ${finding.fix}`, '    ', screen.columns), '');
    }
    for (const [rule, count] of left) out.push(`  … and ${count} more of ${rule} here (all with --format json)`, '');
  }
  if (result.gaps.length > 0) {
    out.push(paint('1', `not looked at (${result.gaps.length})`));
    for (const gap of result.gaps.slice(0, 20))
      out.push(...wrap(`${gap.file}: ${gap.reason}`, '    ', screen.columns, '  '));
    if (result.gaps.length > 20) out.push(`  … and ${result.gaps.length - 20} more (all with --format json)`);
    out.push('');
  }
  return `${[...out, ...wrap(summary(result), '  ', screen.columns, '')].join('\n')}\n`;
}
