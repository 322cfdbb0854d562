import type { Conclusion, Project, RawFinding } from '../../engine.ts';
import type { CodeRules } from '../syntax/rules.ts';
import type { ExportedSink, Facts, OutgoingCall } from './facts.ts';
import { resolveImport } from './imports.ts';

interface Reach extends ExportedSink {
  file: string;
}

/** How many files a flow may cross. */
const HOPS = 4;

const below = (wanted: string | undefined, given: string | undefined): boolean =>
  wanted === undefined ||
  given === undefined ||
  wanted === given ||
  wanted.startsWith(`${given}.`) ||
  given.startsWith(`${wanted}.`);

/** Joins what files say about their exported functions with what other files pass to them. */
export function concludeFlows(facts: ReadonlyMap<string, Facts>, project: Project, _rules: CodeRules): Conclusion {
  const files = new Set(project.paths);
  const sinks = new Map<string, Reach[]>();
  for (const [file, { exports }] of facts)
    for (const [name, list] of Object.entries(exports))
      sinks.set(
        `${file}#${name}`,
        list.map((sink) => ({ ...sink, file })),
      );
  const calls: { file: string; call: OutgoingCall; target: string }[] = [];
  for (const [file, fact] of facts)
    for (const call of fact.calls) {
      const target = resolveImport(file, call.ref, files);
      if (target !== undefined) calls.push({ file, call, target });
    }
  const findings = new Map<string, RawFinding>();
  for (let round = 0; round < HOPS; round++) {
    let grew = false;
    for (const each of calls)
      for (const sink of sinks.get(each.target) ?? []) grew = join(each, sink, sinks, findings) || grew;
    if (!grew) break;
  }
  return { findings: [...findings.values()], gaps: [] };
}

function join(
  { file, call }: { file: string; call: OutgoingCall },
  sink: Reach,
  sinks: Map<string, Reach[]>,
  findings: Map<string, RawFinding>,
): boolean {
  let grew = false;
  for (const arg of call.args) {
    if (arg.index !== sink.index || !below(sink.path, arg.path) || ((arg.clean | sink.clean) & sink.bit) !== 0)
      continue;
    if (sink.text !== undefined && (arg.text === undefined || !new RegExp(sink.text, 'i').test(arg.text))) continue;
    if (arg.by !== undefined) {
      const key = `${file}#${arg.by.name}`;
      const list = sinks.get(key) ?? [];
      const same = list.some(
        (other) =>
          other.ruleId === sink.ruleId &&
          other.file === sink.file &&
          other.line === sink.line &&
          other.index === arg.by?.index,
      );
      if (!same && list.length < 60) {
        const { path: _path, ...rest } = sink;
        sinks.set(key, [
          ...list,
          { ...rest, index: arg.by.index, ...(arg.by.path === undefined ? {} : { path: arg.by.path }) },
        ]);
        grew = true;
      }
    } else if (!sink.reported && sink.from.includes(arg.kind)) {
      const key = `${sink.ruleId}:${sink.file}:${sink.line}`;
      if (findings.has(key)) continue;
      findings.set(key, {
        ruleId: sink.ruleId,
        file: sink.file,
        line: sink.line,
        endLine: sink.endLine,
        message: sink.message.replaceAll('{source}', `\`${arg.label}\``),
        evidence: [{ file, line: call.line, text: arg.label }],
      });
    }
  }
  return grew;
}
