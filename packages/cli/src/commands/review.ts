import { AmbitError } from '@ambit/core/errors';
import { showInvisible } from '@ambit/core/text';
import type { ApplyChoice, StoredChangeSet } from '@ambit/engine/change-set';
import { type Command, exitCode, type Io, options } from '../command.ts';
import { fireFileHooks } from '../landed.ts';
import { type Landing, openLandingHere } from '../landing.ts';
import { question } from '../question.ts';
import { overview, paintFor, printConflicts } from '../review-text.ts';
import { tickFor } from '../tick.ts';

const help = `ambit review: look at what runs changed, and apply or reject it

Usage: ambit review list [--all] [--json]
       ambit review show [id] [file…] [--side-by-side] [--stat] [--patch] [--json]
       ambit review pick [id]                    hunk by hunk, in risk order, at a terminal
       ambit review apply [id] [file…] [options]
       ambit review reject [id] [--reason TEXT]

Without an id, the newest open change set. An id may be cut short, or be \`last\`.

Options of apply:
  --hunk FILE:1,3    only these hunks of a file (numbers as in show); may be repeated
  --without FILE     leave this file as it is; may be repeated
  --include FILE     also a file that is held back (a control file, an ignored file); at a terminal only
  --yes              do not ask when there is no flag
  --json             one JSON object

Applying merges the change with what the workspace has become, all or nothing, after a checkpoint (ambit undo). A change
set with flags is applied only by a person at a terminal.

Exit codes: 0 applied, 1 conflict (nothing was changed), 4 a person is needed

Examples:
  ambit review show
  ambit review pick last
  ambit review apply last --without src/config.ts
  ambit review apply 260312-101502 --hunk src/a.ts:1,3
`;

const parse = (args: string[]) =>
  options('review', args, {
    all: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    'side-by-side': { type: 'boolean', default: false },
    stat: { type: 'boolean', default: false },
    patch: { type: 'boolean', default: false },
    hunk: { type: 'string', multiple: true, default: [] },
    without: { type: 'string', multiple: true, default: [] },
    include: { type: 'string', multiple: true, default: [] },
    yes: { type: 'boolean', default: false },
    reason: { type: 'string', default: '' },
  });

type Values = ReturnType<typeof parse>['values'];

async function list(values: Values, io: Io): Promise<number> {
  const { listChangeSets } = await import('@ambit/engine/change-set');
  const { ports } = await openLandingHere(io);
  const { sets, broken } = await listChangeSets(ports.state);
  const shown = sets.filter(
    (set) => values.all || set.state.status === 'open' || set.state.status === 'partly-applied',
  );
  if (values.json) io.out(`${JSON.stringify({ version: 1, changeSets: shown, broken })}\n`);
  else {
    for (const set of shown) {
      const from = set.spec ? `${set.spec} ${set.task ?? ''}`.trim() : set.run.kind;
      const flags =
        set.flags.length > 0
          ? `  ${set.flags.length} ${set.flags.length === 1 ? 'flag' : 'flags'}: ${[...new Set(set.flags.map((flag) => flag.code))].join(', ')}`
          : '';
      io.out(
        `${set.id}  ${set.state.status.padEnd(8)}  ${from}  ${set.files.length} ${set.files.length === 1 ? 'file' : 'files'}${flags}\n`,
      );
    }
    if (shown.length === 0)
      io.out(values.all ? 'no change sets yet\n' : 'no open change sets; all of them: ambit review list --all\n');
  }
  for (const id of broken) io.err(`ambit: change set ${id} was damaged on disk and is never applied\n`);
  return exitCode.done;
}

async function diffs(
  set: StoredChangeSet,
  paths: readonly string[],
  values: Values,
  landing: Landing,
  io: Io,
): Promise<string[]> {
  const { fileTexts, inRiskOrder, sideBySide, unified } = await import('@ambit/engine/review');
  const paint = await paintFor(io);
  const out: string[] = [];
  for (const file of inRiskOrder(set)) {
    if (paths.length > 0 && !paths.includes(file.path)) continue;
    const texts = await fileTexts(landing.ports.state, set, file);
    if (!texts || texts.before === texts.after) continue;
    out.push(
      values['side-by-side'] ? sideBySide(file, texts, io.columns, paint) : unified(file, texts, paint, values.patch),
    );
  }
  return out;
}

async function show(
  set: StoredChangeSet,
  paths: readonly string[],
  values: Values,
  landing: Landing,
  io: Io,
): Promise<number> {
  const { fileTexts, unified } = await import('@ambit/engine/review');
  if (values.json) {
    const files = await Promise.all(
      set.files.map(async (file) => {
        const texts = await fileTexts(landing.ports.state, set, file);
        return texts ? { ...file, patch: unified(file, texts, undefined, true) } : file;
      }),
    );
    io.out(`${JSON.stringify({ version: 1, changeSet: { ...set, files } })}\n`);
    return exitCode.done;
  }
  if (values.patch) {
    io.out((await diffs(set, paths, values, landing, io)).join(''));
    return exitCode.done;
  }
  if (paths.length === 0) io.out(await overview(set, io));
  if (!values.stat) for (const text of await diffs(set, paths, values, landing, io)) io.out(`\n${text}`);
  if (set.summary && paths.length === 0) {
    const { shown } = await import('@ambit/engine/review');
    io.out(`\nthe model's own words:\n${set.summary.split('\n').map(shown).join('\n')}\n`);
  }
  return exitCode.done;
}

function chosenHunks(given: readonly string[]): Record<string, number[]> {
  const chosen: Record<string, number[]> = {};
  for (const one of given) {
    const match = /^(.+):(\d+(?:,\d+)*)$/.exec(one);
    if (!match?.[1] || !match[2])
      throw new AmbitError('usage', `\`${one}\` is not FILE:1,3`, { hint: 'see: ambit review --help' });
    chosen[match[1]] = [...(chosen[match[1]] ?? []), ...match[2].split(',').map(Number)];
  }
  return chosen;
}

async function confirmed(set: StoredChangeSet, values: Values, io: Io, seen: boolean): Promise<boolean> {
  const needsPerson = set.flags.length > 0 || values.include.length > 0;
  if (!needsPerson && (values.yes || !io.interactive)) return true;
  if (!io.interactive)
    throw new AmbitError(
      'needs-human',
      `change set \`${set.id}\` has ${set.flags.length} flags: ${[...new Set(set.flags.map((flag) => flag.code))].join(', ')}`,
      {
        hint: `a person looks at it and applies it at a terminal: ambit review apply ${set.id}`,
      },
    );
  if (!seen) io.err(await overview(set, { colour: io.colour }));
  const answer = await question(io, needsPerson ? 'apply it, flags and all? Type yes: ' : 'apply it? [y/N] ');
  return needsPerson ? answer.trim().toLowerCase() === 'yes' : /^y(es)?$/i.test(answer.trim());
}

/** Evidence of a task's criteria counts from the moment its change set is in the workspace. */
async function keepProofOf(set: StoredChangeSet, landing: Landing, io: Io): Promise<void> {
  if (!set.spec) return;
  const [{ findSpec, readSpec }, { keepProof }] = await Promise.all([
    import('@ambit/engine/specs'),
    import('@ambit/engine/runner'),
  ]);
  const { workspace } = landing.ports.state;
  await keepProof(await readSpec(await findSpec(workspace, io.cwd, set.spec)), set, landing.ports);
}

/** Asks about every hunk, then applies what was taken as one change. */
async function pick(set: StoredChangeSet, values: Values, landing: Landing, io: Io): Promise<number> {
  if (!io.interactive)
    throw new AmbitError('needs-human', 'choosing needs a person at a terminal', {
      hint: `without one: ambit review apply ${set.id} --hunk FILE:1,3 --without FILE`,
    });
  const [{ pickHunks }, { terminalPick }] = await Promise.all([import('../review-pick.ts'), import('../run/ask.ts')]);
  const picked = await pickHunks(set, landing.ports.state, terminalPick(io));
  if (!picked || picked.files.length === 0) {
    io.err('nothing was chosen, and nothing was applied\n');
    return exitCode.needsHuman;
  }
  const chosen = Object.entries(picked.hunks).map(([path, numbers]) => `${path}:${numbers.join(',')}`);
  const files = picked.whole ? [] : picked.files;
  return apply(set, files, { ...values, hunk: picked.whole ? [] : chosen }, landing, io, true);
}

async function apply(
  set: StoredChangeSet,
  paths: readonly string[],
  values: Values,
  landing: Landing,
  io: Io,
  seen = false,
): Promise<number> {
  const { applyChangeSet } = await import('@ambit/engine/change-set');
  if (!(await confirmed(set, values, io, seen))) {
    io.err('nothing was applied\n');
    return exitCode.needsHuman;
  }
  const hunks = chosenHunks(values.hunk);
  const files = [...new Set([...paths, ...Object.keys(hunks)])];
  const whole = files.length === 0 && values.without.length === 0;
  const choice: ApplyChoice = {
    channel: 'terminal',
    hash: set.hash,
    ...(files.length > 0 ? { files } : {}),
    ...(Object.keys(hunks).length > 0 ? { hunks } : {}),
    without: values.without,
    include: values.include,
    also: whole ? await tickFor(set) : [],
  };
  const result = await applyChangeSet(set.id, choice, landing.ports);
  if (result.status === 'applied' && whole) await keepProofOf(set, landing, io);
  await fireFileHooks(landing, io, (text) => io.err(`${showInvisible(text)}\n`));
  if (values.json) io.out(`${JSON.stringify({ version: 1, id: set.id, ...result })}\n`);
  if (result.status === 'conflict') {
    if (!values.json) printConflicts(io, result.conflicts, 'nothing was changed');
    return exitCode.findings;
  }
  if (!values.json && result.status === 'applied') {
    for (const path of result.paths) io.out(`  ${path}\n`);
    io.out(`applied ${result.partly ? 'in part' : set.id}; to take it back: ambit undo\n`);
  }
  return exitCode.done;
}

/** Shows one change set to the person who is here and asks about it at once. */
export async function showAndApply(id: string, io: Io): Promise<number> {
  const { findChangeSet, recoverWorkspace } = await import('@ambit/engine/change-set');
  const landing = await openLandingHere(io);
  await recoverWorkspace(landing.ports);
  const set = await findChangeSet(landing.ports.state, id);
  const { values } = parse([]);
  await show(set, [], values, landing, io);
  return apply(set, [], values, landing, io, true);
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args);
  const [verb = 'list', name, ...paths] = positionals;
  if (verb === 'list') return list(values, io);
  if (!['show', 'apply', 'pick', 'reject'].includes(verb))
    throw new AmbitError('usage', `there is no \`ambit review ${verb}\``, { hint: 'see: ambit review --help' });
  const { findChangeSet, recoverWorkspace, rejectChangeSet } = await import('@ambit/engine/change-set');
  const landing = await openLandingHere(io);
  await recoverWorkspace(landing.ports);
  const set = await findChangeSet(landing.ports.state, name);
  if (verb === 'show') return show(set, paths, values, landing, io);
  if (verb === 'pick') return pick(set, values, landing, io);
  if (verb === 'apply') return apply(set, paths, values, landing, io);
  await rejectChangeSet(set.id, values.reason || 'rejected at the terminal', landing.ports);
  io.out(`rejected ${set.id}; what it changed can still be read: ambit review show ${set.id}\n`);
  return exitCode.done;
}

export const command: Command = { name: 'review', summary: 'look at what runs changed; apply or reject it', help, run };
