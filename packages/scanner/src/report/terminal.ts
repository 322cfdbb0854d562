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

function wrap(text: string, indent: string, columns: number): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of plain(text).split(/\s+/)) {
    if (line.length + word.length + 1 > columns && line !== indent) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line];
}

function summary(result: ScanResult): string {
  const { stats, findings } = result;
  const counts = (['critical', 'high', 'medium', 'low', 'info'] as const)
    .map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`);
  const skipped = stats.skipped.binary + stats.skipped.generated + stats.skipped.oversized;
  const seconds = (stats.milliseconds / 1000).toFixed(2);
  return `${findings.length === 0 ? 'no findings' : `${findings.length} finding${findings.length === 1 ? '' : 's'} (${counts.join(', ')})`} in ${stats.files} files, ${seconds} s; ${skipped} skipped (${stats.skipped.binary} binary, ${stats.skipped.generated} generated, ${stats.skipped.oversized} oversized), ${stats.cached} from the cache${result.suppressed.length > 0 ? `, ${result.suppressed.length} suppressed` : ''}`;
}

/** Findings grouped by file, worst file first, each with its line, why it matters and what to do. */
export function terminalReport(result: ScanResult, screen: Screen): string {
  const paint = painter(screen.colour);
  const out: string[] = [];
  const byFile = new Map<string, Finding[]>();
  for (const finding of result.findings) byFile.set(finding.file, [...(byFile.get(finding.file) ?? []), finding]);
  for (const [file, findings] of byFile) {
    out.push(paint('1;4', plain(file)));
    for (const finding of findings) {
      const place = `${finding.line}${finding.column === undefined ? '' : `:${finding.column}`}`;
      out.push(
        `  ${paint(colours[finding.severity], finding.severity)}  ${place}  ${plain(finding.message)}  ${paint('2', `${finding.ruleId} ${finding.cwe.join(' ')}`)}`,
      );
      out.push(...frame(finding, screen));
      for (const step of (finding.evidence ?? []).slice(0, 8))
        out.push(plain(`         ${step.file}:${step.line} ${step.text}`));
      out.push(...wrap(`why: ${finding.why}`, '    ', screen.columns));
      out.push(...wrap(`fix: ${finding.fix}`, '    ', screen.columns), '');
    }
  }
  if (result.gaps.length > 0) {
    out.push(paint('1', `not looked at (${result.gaps.length})`));
    for (const gap of result.gaps.slice(0, 20)) out.push(plain(`  ${gap.file}: ${gap.reason}`));
    if (result.gaps.length > 20) out.push(`  … and ${result.gaps.length - 20} more (all with --format json)`);
    out.push('');
  }
  return `${[...out, summary(result)].join('\n')}\n`;
}
