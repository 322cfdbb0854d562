import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Label, RunRef } from '@ambit/core/schema';
import { type Executed, type Grant, perform } from '@ambit/guard';
import { openAuditLog } from '@ambit/guard/audit';
import { workingCopyView } from '@ambit/guard/resolve';
import { openWorkingCopy, type WorkingCopy } from '@ambit/guard/working-copy';
import {
  type Hook,
  type HookEvent,
  type HookInput,
  type HookResult,
  type HookScope,
  hookInput,
} from '../hooks/index.ts';
import type { Confinement } from '../session/commands.ts';
import { type HookGuardPorts, hookGuard, ownLine } from './hook-guard.ts';
import type { AutomationPlace } from './place.ts';

/** A hook that asks for no limit gets this one all the same, in seconds. */
const longestSeconds = 600;
/** Output of a hook that is kept, in bytes. */
const outputBytes = 64 * 1024;

/** Labels of what an event carries: names and contents come from the repository, a prompt from a human. */
export function labelsOf(event: HookEvent): Label[] {
  const labels: Label[] = [];
  if (event.path !== undefined) labels.push('repository');
  if (event.prompt !== undefined) labels.push('human');
  if (event.tool) labels.push('model');
  if (event.tool?.response !== undefined) labels.push('tool');
  return labels;
}

export function hookRun(hook: Hook, event: HookEvent): RunRef {
  return {
    id: randomBytes(6).toString('hex'),
    kind: 'hook',
    hook: hook.id,
    depth: event.depth + 1,
    origin: event.origin,
  };
}

async function portsOf(place: AutomationPlace, copy: WorkingCopy): Promise<HookGuardPorts> {
  const { workspace } = place.state;
  return {
    policy: place.policy,
    workspace,
    view: workingCopyView(workspace, copy),
    readText: async (path) =>
      path.relative !== undefined && path.type === 'file'
        ? Buffer.from(await copy.read(path.relative)).toString()
        : undefined,
    confined: place.confinement !== undefined,
    audit: await openAuditLog(place.state, { now: place.now, redact: (text) => place.redact(text).text }),
    redact: place.redact,
  };
}

interface Streams {
  stdout: string;
  stderr: string;
}

async function execute(
  grant: Grant<'execute'>,
  hook: Hook,
  input: HookInput,
  copy: WorkingCopy,
  confinement: Confinement,
  streams: Streams,
  signal: AbortSignal | undefined,
): Promise<Executed> {
  const { resolved } = grant;
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const [view, shown] = [await copy.view(), await confinement.confine(copy)];
  try {
    const request = {
      ...shown,
      command: { shell: resolved.line },
      cwd: resolved.cwd.absolute,
      env: { ...confinement.environment(resolved), ...input.env },
      view,
      hosts: [],
      limits: {
        ...confinement.limits,
        wallSeconds: Math.min(hook.timeoutSeconds || longestSeconds, longestSeconds),
        outputBytes,
      },
      stdin: input.stdin,
      onOutput: ({ stream, data }: { stream: keyof Streams; data: Uint8Array }) => {
        streams[stream] += decoders[stream].decode(data, { stream: true });
      },
    };
    const result = await confinement.sandbox.run(request, signal);
    const status = result.exitCode === null ? 'failed' : 'done';
    const detail = { exitCode: result.exitCode, signal: result.signal, timedOut: result.timedOut };
    return { status, text: result.output, labels: ['tool'], detail };
  } finally {
    await copy.settled(confinement.skip ? { skip: confinement.skip } : {});
  }
}

/**
 * Runs a command hook through the door: in the sandbox, on a working copy, event on standard input, no credentials, no
 * network. What it writes inside its granted scope becomes a proposal; the rest is gone with the copy.
 */
export async function runCommandHook(
  place: AutomationPlace,
  hook: Hook,
  scope: HookScope,
  event: HookEvent,
  paths: readonly string[],
): Promise<HookResult> {
  if (hook.action.type !== 'command') throw new Error('not a command hook');
  const { confinement } = place;
  if (!confinement)
    return { status: 'failed', output: '', error: 'nothing on this machine confines commands; see: ambit doctor' };
  const run = hookRun(hook, event);
  const copy = await openWorkingCopy({
    workspace: place.state.workspace,
    stateDir: join(place.state.workingCopies, run.id),
  });
  try {
    const replaces = scope.write.length > 0 ? await place.takeOver(copy, hook.id) : [];
    const action = {
      id: randomBytes(6).toString('hex'),
      run,
      labels: labelsOf(event),
      via: 'hook',
      kind: 'execute' as const,
      command: hook.action.command,
    };
    const ports = await portsOf(place, copy);
    const { guard } = await ownLine((own) => hookGuard(hook, scope, run, own, ports), action);
    const input = hookInput(hook, event, place.state.workspace, place.session, paths);
    const streams: Streams = { stdout: '', stderr: '' };
    const outcome = await perform<'execute'>(
      action,
      (grant) => execute(grant, hook, input, copy, confinement, streams, place.signal),
      guard,
    );
    if (outcome.status === 'denied') return { status: 'failed', output: '', error: outcome.text };
    const kept =
      scope.write.length > 0
        ? await place.keep(copy, run, scope, { summary: `hook ${hook.name}`, denied: [], replaces })
        : undefined;
    const clean = (text: string) => place.redact(hook.maxOutput ? text.slice(0, hook.maxOutput) : text).text;
    const exitCode = outcome.detail?.['exitCode'];
    return {
      status: place.signal?.aborted
        ? 'interrupted'
        : outcome.detail?.['timedOut'] === true
          ? 'timeout'
          : outcome.status === 'done'
            ? 'done'
            : 'failed',
      exitCode: typeof exitCode === 'number' ? exitCode : null,
      output: clean(streams.stdout),
      error: outcome.detail ? clean(streams.stderr) : outcome.text,
      ...(kept ? { changeSet: kept.id } : {}),
    };
  } finally {
    await copy.discard();
  }
}
