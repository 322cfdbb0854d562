import type { Conclusion, Project, RawFinding } from '../../engine.ts';
import type { ExportedSink, Facts, OutgoingCall } from './facts.ts';
import { resolveImport } from './imports.ts';
import { bitsOf } from './models.ts';
import { sourceName } from './value.ts';

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

interface Call {
  file: string;
  call: OutgoingCall;
  target: string;
}

/** What files say of themselves, those included that were left unread until a call led to them. */
function gather(
  facts: ReadonlyMap<string, Facts>,
  project: Project,
  readLater: (path: string) => Facts | undefined,
): { all: Map<string, Facts>; calls: Call[] } {
  const files = new Set(project.paths);
  const all = new Map(facts);
  const callsOf = (file: string): Call[] =>
    (all.get(file)?.calls ?? []).flatMap((call) => {
      const target = resolveImport(file, call.ref, files);
      return target === undefined ? [] : [{ file, call, target }];
    });
  const byFile = new Map([...facts.keys()].map((file) => [file, callsOf(file)]));
  const reached = new Set<string>();
  let edge = [...byFile.values()].flat().filter(({ call }) => call.args.some((arg) => arg.by === undefined));
  for (let hop = 0; hop < HOPS && edge.length > 0; hop++) {
    const next: Call[] = [];
    for (const { target } of edge) {
      if (reached.has(target)) continue;
      reached.add(target);
      const [file = '', name] = target.split('#');
      if (all.get(file)?.onCall) {
        all.set(file, readLater(file) ?? { exports: {}, calls: [] });
        byFile.set(file, callsOf(file));
      }
      next.push(...(byFile.get(file) ?? []).filter(({ call }) => call.args.some((arg) => arg.by?.name === name)));
    }
    edge = next;
  }
  return { all, calls: [...byFile.values()].flat() };
}

/**
 * Joins what files say about their exported functions with what other files pass to them. `readLater` reads a file that
 * nothing could be found in by itself.
 */
export function concludeFlows(
  facts: ReadonlyMap<string, Facts>,
  project: Project,
  readLater: (path: string) => Facts | undefined,
): Conclusion {
  const { all, calls } = gather(facts, project, readLater);
  const sinks = new Map<string, Reach[]>();
  for (const [file, { exports }] of all)
    for (const [name, list] of Object.entries(exports))
      sinks.set(
        `${file}#${name}`,
        list.map((sink) => ({ ...sink, file })),
      );
  const findings = new Map<string, RawFinding>();
  for (let round = 0; round < HOPS; round++) {
    let grew = false;
    for (const each of calls)
      for (const sink of sinks.get(each.target) ?? []) grew = join(each, sink, sinks, findings) || grew;
    if (!grew) break;
  }
  return { findings: [...findings.values()], gaps: [] };
}

/** What an object is needed for, and the parts of a request that are texts whatever is sent. */
const OBJECTS = bitsOf(['nosql']);
const TEXTS = /^(?:ctx\.)?[^.]+\.(?:params|headers|cookies)\b/;

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
    if ((sink.bit & OBJECTS) !== 0 && TEXTS.test(arg.label)) continue;
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
        message: sink.message.replaceAll('{source}', sourceName(arg.label)),
        evidence: [{ file, line: call.line, text: arg.label }],
      });
    }
  }
  return grew;
}
