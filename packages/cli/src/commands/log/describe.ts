import type { AuditRecord } from '@ambit/core/schema';
import { showInvisible } from '@ambit/core/text';

/** Longest line shown for one record. */
const lineMax = 200;

const object = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** What an action is about, in a few words. */
function subjectOf(action: Record<string, unknown>): string {
  const of =
    action['command'] ?? action['path'] ?? action['url'] ?? action['to'] ?? action['tool'] ?? action['subject'] ?? '';
  return `${String(action['kind'] ?? 'action')} ${String(of)}`;
}

function textOf({ kind, data }: AuditRecord): string {
  if (kind === 'intent') {
    const decision = object(data['decision']);
    const because = object(decision['because']);
    return `${subjectOf(object(data['action']))}  ->  ${String(decision['effect'])} by ${String(because['rule'])}`;
  }
  if (kind === 'outcome') return `${String(data['status'])} (${String(data['rule'])})  ${String(data['action'])}`;
  if (kind === 'answer')
    return `${data['allowed'] ? 'yes' : 'no'}, ${String(data['scope'])}, at the ${String(data['channel'])}`;
  return JSON.stringify(data);
}

/** One record as one line for people; nothing in it can steer the terminal. */
export function describeRecord(record: AuditRecord): string {
  const run = record.run ? `${record.run.kind} ${record.run.id}` : '-';
  const text = showInvisible(textOf(record)).replaceAll(/\s+/g, ' ');
  const line = `${String(record.sequence).padStart(5)}  ${record.time}  ${run.padEnd(18)} ${record.kind.padEnd(8)} ${text}`;
  return line.length > lineMax ? `${line.slice(0, lineMax)}…` : line;
}
