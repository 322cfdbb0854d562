import type { RouteFacts } from '../routes/model.ts';
import type { LineTable } from '../syntax/lines.ts';
import type { Watch } from '../syntax/watch.ts';
import type { argumentPart } from './functions.ts';
import type { Machine } from './machine.ts';
import { provedOf } from './scope.ts';
import { deepTaint } from './value.ts';

/** A sink that an argument of an exported function reaches, or a call that hands an argument on to another file. */
export interface ExportedSink {
  ruleId: string;
  message: string;
  line: number;
  endLine: number;
  index: number;
  path?: string;
  bit: number;
  clean: number;
  from: string[];
  /** Already a finding of its own file, which accepts any argument as a source. */
  reported: boolean;
  /** The text the argument must have, where only the caller knows it. */
  text?: string;
}

export interface OutgoingCall {
  ref: string;
  line: number;
  args: {
    index: number;
    path?: string;
    kind: string;
    label: string;
    clean: number;
    text?: string;
    /** The exported function and argument that this data came in by. */
    by?: { name: string; index: number; path?: string };
  }[];
}

/** What other files need to know of one file. */
export interface Facts {
  exports: Record<string, ExportedSink[]>;
  calls: OutgoingCall[];
  routes?: RouteFacts;
  /** Not read yet: only what other files hand to this one could be dangerous in it. */
  onCall?: true;
}

export const ON_CALL: Facts = { exports: {}, calls: [], onCall: true };

export function factsOf(
  machine: Machine,
  seen: Watch,
  lines: LineTable,
  routes: RouteFacts | undefined,
): Facts | undefined {
  const exports: Record<string, ExportedSink[]> = {};
  const names = new Map<unknown, string>();
  for (const [name, closure] of machine.exports) {
    names.set(closure.node, name);
    const hits = (seen.byFunction.get(closure.node) ?? []).filter((hit) => !hit.matcher.rule.local);
    if (hits.length > 0)
      exports[name] = hits.map((hit) => ({
        ruleId: hit.matcher.rule.id,
        message: hit.matcher.rule.message,
        line: lines.at(hit.node.start).line,
        endLine: lines.at(hit.node.end).line,
        index: hit.index,
        ...(hit.path === undefined ? {} : { path: hit.path }),
        bit: hit.matcher.rule.bit,
        clean: hit.clean,
        from: [...hit.matcher.from],
        reported: hit.matcher.from.has('param') && hit.deferred === undefined,
        ...(hit.deferred === undefined ? {} : { text: hit.deferred.source }),
      }));
  }
  const calls: OutgoingCall[] = [];
  for (const call of seen.foreign) {
    const args = call.args.flatMap((arg, index) => argumentsOf(arg, index, call.scope, names));
    if (args.length > 0) calls.push({ ref: call.ref, line: lines.at(call.node.start).line, args });
  }
  if (Object.keys(exports).length === 0 && calls.length === 0 && routes === undefined) return undefined;
  return { exports, calls, ...(routes === undefined ? {} : { routes }) };
}

function argumentsOf(
  arg: Parameters<typeof argumentPart>[0] & object,
  index: number,
  scope: Watch['foreign'][number]['scope'],
  names: ReadonlyMap<unknown, string>,
): OutgoingCall['args'] {
  const parts: [string | undefined, typeof arg][] = [[undefined, arg]];
  if (arg.props !== undefined && arg.whole) {
    parts.length = 0;
    for (const [key, value] of arg.props) parts.push([key, value]);
  }
  return parts.flatMap(([path, value]) =>
    (deepTaint(value) ?? []).flatMap((taint) => {
      const name = taint.fn === undefined ? undefined : names.get(taint.fn);
      if (taint.fn !== undefined && name === undefined) return [];
      const by =
        name === undefined || taint.index === undefined
          ? {}
          : { by: { name, index: taint.index, ...(taint.path === undefined ? {} : { path: taint.path }) } };
      return [
        {
          index,
          ...(path === undefined ? {} : { path }),
          kind: taint.kind,
          label: taint.label,
          clean: taint.clean | provedOf(scope, taint.label),
          ...(value.text === undefined ? {} : { text: value.text }),
          ...by,
        },
      ];
    }),
  );
}
