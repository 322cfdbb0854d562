import type { AuditRecord } from '@ambit/core/schema';
import { sha256Of } from './chain.ts';

interface Attribute {
  key: string;
  value: { stringValue: string } | { intValue: string };
}

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: 1;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  status: { code: 0 | 1 | 2; message?: string };
}

/** OTLP/JSON of `opentelemetry-proto` (trace v1): resourceSpans > scopeSpans > spans. */
export interface OtlpTrace {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { scope: { name: string }; spans: Span[] }[] }[];
}

const nanoseconds = (time: string) => `${BigInt(Date.parse(time) || 0) * 1_000_000n}`;
const text = (key: string, value: unknown): Attribute[] =>
  value === undefined || value === null ? [] : [{ key, value: { stringValue: String(value) } }];
const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const codes: Record<string, Span['status']['code']> = { done: 1, failed: 2, denied: 2, cancelled: 2 };

function actionSpan(intent: AuditRecord, outcome: AuditRecord | undefined): Span {
  const action = record(intent.data['action']);
  const decision = record(intent.data['decision']);
  const because = record(decision['because']);
  const run = intent.run?.id ?? 'none';
  const status = outcome?.data['status'];
  return {
    traceId: sha256Of(`run:${run}`).slice(0, 32),
    spanId: sha256Of(`record:${intent.hash}`).slice(0, 16),
    parentSpanId: sha256Of(`run:${run}`).slice(32, 48),
    name: `ambit.${String(action['kind'] ?? 'action')}`,
    kind: 1,
    startTimeUnixNano: nanoseconds(intent.time),
    endTimeUnixNano: nanoseconds(outcome?.time ?? intent.time),
    attributes: [
      ...text('ambit.record', intent.hash),
      ...text('ambit.action', action['id']),
      ...text('ambit.subject', action['command'] ?? action['path'] ?? action['url'] ?? action['tool']),
      ...text('ambit.decision', decision['effect']),
      ...text('ambit.rule', because['rule']),
      ...text('ambit.status', status ?? 'unfinished'),
      ...text('gen_ai.tool.name', action['via']),
    ],
    status: { code: codes[String(status)] ?? 0 },
  };
}

function runSpan(id: string, records: readonly AuditRecord[]): Span {
  const [first] = records;
  const run = first?.run;
  return {
    traceId: sha256Of(`run:${id}`).slice(0, 32),
    spanId: sha256Of(`run:${id}`).slice(32, 48),
    name: `ambit.run ${run?.kind ?? ''}`.trim(),
    kind: 1,
    startTimeUnixNano: nanoseconds(first?.time ?? ''),
    endTimeUnixNano: nanoseconds(records.at(-1)?.time ?? ''),
    attributes: [
      ...text('ambit.run', id),
      ...text('ambit.spec', run?.spec),
      ...text('ambit.task', run?.task),
      ...text('ambit.hook', run?.hook),
      ...text('ambit.parent', run?.parent),
    ],
    status: { code: 0 },
  };
}

/** The audit log as OpenTelemetry spans: one trace a run, one span an action from intent to outcome. */
export function toSpans(records: readonly AuditRecord[]): OtlpTrace {
  const runs = new Map<string, AuditRecord[]>();
  const outcomes = new Map<string, AuditRecord>();
  for (const one of records) {
    const id = one.run?.id ?? 'none';
    const list = runs.get(id);
    if (list) list.push(one);
    else runs.set(id, [one]);
    if (one.kind === 'outcome') outcomes.set(`${id}\0${String(one.data['action'])}`, one);
  }
  const spans = [...runs].flatMap(([id, list]) => [
    runSpan(id, list),
    ...list
      .filter((one) => one.kind === 'intent')
      .map((one) => actionSpan(one, outcomes.get(`${id}\0${String(record(one.data['action'])['id'])}`))),
  ]);
  return {
    resourceSpans: [
      {
        resource: { attributes: text('service.name', 'ambit') },
        scopeSpans: [{ scope: { name: 'ambit.audit' }, spans }],
      },
    ],
  };
}
