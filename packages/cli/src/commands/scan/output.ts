import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rule } from '@ambit/core/catalog';
import { AmbitError } from '@ambit/core/errors';
import {
  type Answer,
  frameOf,
  htmlReport,
  jsonReport,
  markdownReport,
  type ScanResult,
  sarifReport,
  terminalReport,
  wrap,
} from '@ambit/scanner';
import type { Io } from '../../command.ts';

type Contents = ReadonlyMap<string, Uint8Array>;

/** Lines of a file below the root, read once; `contents` count instead of what the files hold. */
export function lineReader(root: string, contents?: Contents): (file: string) => readonly string[] | undefined {
  const known = new Map<string, readonly string[] | undefined>();
  return (file) => {
    if (!known.has(file)) {
      try {
        const given = contents?.get(file);
        known.set(file, (given ? new TextDecoder().decode(given) : readFileSync(join(root, file), 'utf8')).split('\n'));
      } catch {
        known.set(file, undefined);
      }
    }
    return known.get(file);
  };
}

export const formats = ['terminal', 'json', 'sarif', 'markdown', 'html'] as const;

/** The report in the format that was asked for. */
export function report(result: ScanResult, format: string, lines: ReturnType<typeof lineReader>, io: Io): string {
  if (format === 'json') return jsonReport(result);
  if (format === 'sarif') return sarifReport(result);
  if (format === 'markdown') return markdownReport(result);
  if (format === 'html') return htmlReport(result, (finding) => frameOf(finding, lines(finding.file), 160));
  if (format === 'terminal') return terminalReport(result, { colour: io.colour, columns: io.columns, lines });
  throw new AmbitError('usage', `\`${format}\` is no format`, { hint: `one of: ${formats.join(', ')}` });
}

/** A bar on the error stream, only for people; counts files. */
export function progressBar(io: Io): ((done: number, total: number) => void) | undefined {
  if (!io.interactive) return undefined;
  return (done, total) => {
    const width = 24;
    const full = total === 0 ? width : Math.round((done / total) * width);
    io.err(`\r${'█'.repeat(full)}${'░'.repeat(width - full)} ${done}/${total} files`);
    if (done >= total) io.err(`\r${' '.repeat(width + 30)}\r`);
  };
}

export function explain(rule: Rule): string {
  const list = (title: string, items: readonly string[] | undefined) =>
    items && items.length > 0 ? `${title}: ${items.join(', ')}\n` : '';
  return `${rule.id}: ${rule.title}

${rule.why}

Fix: ${rule.fix}

severity: ${rule.severity}   confidence: ${rule.confidence}   engine: ${rule.engine}
${list('weaknesses', rule.cwe)}${list('OWASP', rule.owasp)}${list('languages', rule.languages)}${list('references', rule.references)}
To let one place stand, in a comment on its line or the line above:
  ambit-ignore ${rule.id} until 2027-12-31: why it is no danger here
`;
}

const marks = { yes: '✔', no: '✘', 'not checked': '?' } as const;

/** The checklist for people. SECURITY: what comes from files steers no terminal (output.test.ts). */
export function checklistText(answers: readonly Answer[], columns: number): string {
  const out = answers.map(({ question, verdict, proof, findings }) => {
    const places = findings
      .slice(0, 5)
      .flatMap(({ file, line, message }) => wrap(`${file}:${line} ${message}`, '        ', columns, '      '));
    const more = findings.length > 5 ? [`      … and ${findings.length - 5} more`] : [];
    const said = wrap(`${verdict}: ${proof}`, '    ', columns);
    return [...wrap(question, '  ', columns, `${marks[verdict]} `), ...said, ...places, ...more].join('\n');
  });
  const bad = answers.filter((answer) => answer.verdict === 'no').length;
  const open = answers.filter((answer) => answer.verdict === 'not checked').length;
  const verdict =
    bad > 0
      ? `not ready: ${bad === 1 ? '1 point is' : `${bad} points are`} open`
      : open > 0
        ? `nothing speaks against it, ${open === 1 ? '1 point was' : `${open} points were`} not checked`
        : 'ready';
  return `${out.join('\n')}\n\n${verdict}\n`;
}
