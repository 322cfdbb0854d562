import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Command, exitCode, type Io, options } from '../command.ts';
import { overview } from '../review-text.ts';
import { progressReport } from '../run/report.ts';

const help = `ambit demo: the whole line on a throw-away sample project

Usage: ambit demo [--keep]

A small project with an approved spec of two tasks is made in a temporary folder, and Ambit carries them out: working copy,
door, sandbox, tests, scan, change set, review, audit log. All of that is the real engine. Only the model is not: its answers
were recorded, so the demo needs no key and no network. In the second task the recording goes beyond its scope on purpose.

  --keep    leave the project there, to look at it with ambit review, ambit log and ambit undo

Example:
  ambit demo
`;

async function makeProject(folder: string): Promise<void> {
  const { sampleFiles } = await import('../demo/sample.ts');
  for (const [path, text] of Object.entries(sampleFiles)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** In the demo's own state folder only: the sample is approved in place of a person, and the record says so. */
async function approveSample(io: Io): Promise<void> {
  const [{ approvalHash, storeApproval }, { readSpec }, { phaseDocument, phases }, { openAuditLog }, { statePaths }] =
    await Promise.all([
      import('@ambit/engine/approvals'),
      import('@ambit/engine/specs'),
      import('@ambit/core/spec'),
      import('@ambit/guard/audit'),
      import('@ambit/guard/state'),
    ]);
  const state = statePaths(io.cwd, io.env);
  const audit = await openAuditLog(state, { now: io.now });
  const name = 'notes';
  const spec = await readSpec({ name, folder: join(io.cwd, '.kiro/specs', name), shown: `.kiro/specs/${name}` });
  for (const phase of phases) {
    const document = phaseDocument(spec, phase);
    if (!document) continue;
    const sha256 = approvalHash(phase, document.source);
    const by = 'ambit demo, in place of a person';
    const at = io.now().toISOString();
    await storeApproval(
      { state, audit },
      { version: 1, spec: name, phase, sha256, file: document.file, by, at, channel: 'terminal' },
    );
  }
}

async function play(io: Io): Promise<number> {
  const [{ openSpecRun }, { runSpec }, { recordedModel }, { sampleRecording }, { verifyAuditLog }, { listChangeSets }] =
    await Promise.all([
      import('../run/spec-run.ts'),
      import('@ambit/engine/runner'),
      import('../demo/recorded-model.ts'),
      import('../demo/sample.ts'),
      import('@ambit/guard/audit'),
      import('@ambit/engine/change-set'),
    ]);
  const wishes = {
    name: 'notes',
    autopilot: true,
    rounds: 0,
    limits: { turns: 20 },
    emit: progressReport({ err: io.out }, io.colour),
  };
  const client = recordedModel(sampleRecording);
  const { place } = await openSpecRun({ ...wishes, model: undefined, effort: undefined, needsModel: true, client }, io);
  const report = await runSpec(place, { autopilot: true, jobs: 1, resume: false }, io.signal);
  io.out('\n');
  for (const { task, title, status, reason } of report.tasks)
    io.out(`task ${task} ${status}: ${title}${reason && status !== 'applied' ? ` (${reason})` : ''}\n`);
  const { sets } = await listChangeSets(place.state);
  for (const set of sets.filter((one) => one.state.status === 'open')) io.out(`\n${await overview(set, io)}`);
  const { ok, records } = await verifyAuditLog(place.state);
  io.out(`\naudit log: ${records} records, ${ok ? 'whole' : 'broken'}\n`);
  return ok && report.ended === 'done' ? exitCode.done : exitCode.findings;
}

async function run(args: string[], io: Io): Promise<number> {
  const { values } = options('demo', args, { keep: { type: 'boolean', default: false } });
  const folder = await mkdtemp(join(tmpdir(), 'ambit-demo-'));
  const project = join(folder, 'project');
  const env = { ...io.env, XDG_STATE_HOME: join(folder, 'state') };
  const inside: Io = { ...io, cwd: project, env, stdin: io.stdin };
  try {
    io.out(`A sample project in ${project}. The engine is real; the model's answers are a recording.\n\n`);
    await makeProject(project);
    await approveSample(inside);
    return await play(inside);
  } finally {
    if (values.keep)
      io.out(`\nto look around: cd ${project} && XDG_STATE_HOME=${env.XDG_STATE_HOME} ambit review show\n`);
    else await rm(folder, { recursive: true, force: true });
  }
}

export const command: Command = { name: 'demo', summary: 'the whole line on a throw-away sample project', help, run };
