import { existsSync } from 'node:fs';
import { showInvisible } from '@ambit/core/text';
import { listChangeSets } from '@ambit/engine/change-set';
import { figuresOf, type HookScope, type LedgerLine, openLedger, restReason, scopeOf } from '@ambit/engine/hooks';
import { exitCode, type Io } from '../../command.ts';
import { findHooks } from './found.ts';

interface Row {
  id: string;
  name: string;
  trigger: string;
  action: string;
  state: 'ready' | 'inert' | 'disabled' | 'resting';
  reason?: string;
  grant: HookScope['grant'];
  write: readonly string[];
  hash: string;
  runs: number;
  failures: number;
  dollars: number;
  last?: LedgerLine;
  proposals: string[];
}

async function rows(io: Io): Promise<{ rows: Row[]; problems: string[] }> {
  const found = await findHooks(io);
  const folder = found.place.state.hooks;
  const lines = existsSync(folder) ? (await openLedger(folder)).lines() : [];
  const all = found.hooks.map(({ hook }) => hook);
  const { sets } = await listChangeSets(found.place.state);
  const open = new Set(sets.filter(({ state }) => state.status === 'open').map(({ id }) => id));
  const made = found.hooks.map(({ hook, trusted, reason }): Row => {
    const scope = scopeOf(hook, all, found.grants);
    const rest = restReason(hook, lines, scope.limits, io.now().getTime());
    const state = !hook.enabled ? 'disabled' : !trusted ? 'inert' : rest ? 'resting' : 'ready';
    const why = state === 'inert' ? reason : state === 'resting' ? rest : undefined;
    const { runs, failures, dollars, last, changeSets } = figuresOf(hook, lines);
    return {
      id: hook.id,
      name: hook.name,
      trigger: hook.trigger,
      action: hook.action.type,
      state,
      grant: scope.grant,
      write: scope.write,
      hash: hook.hash,
      runs,
      failures,
      dollars,
      proposals: changeSets.filter((id) => open.has(id)),
      ...(why ? { reason: why } : {}),
      ...(last ? { last } : {}),
    };
  });
  const problems = [
    ...found.problems.map(
      ({ file, entry, message, hint }) => `${file}${entry ? ` (${entry})` : ''}: ${message}\n    ${hint}`,
    ),
    ...found.grantProblems,
  ];
  return { rows: made, problems };
}

function show(row: Row): string {
  const scope = row.write.length > 0 ? `may propose changes to ${row.write.join(', ')}` : 'read-only';
  const changed = row.grant === 'other hash' ? '; its grant names another hash, so it has none' : '';
  const last = row.last ? `; last: ${row.last.status} on ${row.last.time.slice(0, 16).replace('T', ' ')}` : '';
  const words = row.last?.note ? `\n    last words: ${showInvisible(row.last.note).split('\n', 1)[0]}` : '';
  const cost = row.dollars > 0 ? `, $${row.dollars.toFixed(2)}` : '';
  const proposals = row.proposals.length > 0 ? `\n    proposals: ${row.proposals.join(', ')} (ambit review list)` : '';
  return `${showInvisible(row.name)}  [${row.state}]\n    ${row.trigger} → ${row.action}, ${scope}${changed}\n    ${row.runs} runs, ${row.failures} failed${cost}${last}${words}${proposals}${row.reason ? `\n    ${row.reason}` : ''}\n    ${showInvisible(row.id)}  hash ${row.hash.slice(0, 12)}…\n`;
}

/** `ambit hooks list`. */
export async function list(json: boolean, io: Io): Promise<number> {
  const { rows: made, problems } = await rows(io);
  if (json) io.out(`${JSON.stringify({ version: 1, hooks: made, problems }, null, 2)}\n`);
  else {
    if (made.length + problems.length === 0) io.out('There are no hooks here. Make one: ambit hooks new\n');
    for (const row of made) io.out(`${show(row)}\n`);
    for (const problem of problems) io.out(`! ${showInvisible(problem)}\n`);
  }
  return exitCode.done;
}
