import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Subject, type TrustReport, trustedSubjects } from '@ambit/guard/integrity';
import { parseSteering, type SteeringFile, type SteeringProblem } from './parse.ts';
import { parseSkill, skillKind } from './skill.ts';

export interface LoadedSteering {
  files: SteeringFile[];
  problems: SteeringProblem[];
  /** Steering that exists but is inert: not accepted, changed, or refused. */
  inert: { path: string; reason: string }[];
}

const isSteering = (subject: Pick<Subject, 'kind' | 'path'>) =>
  subject.kind === 'steering' ||
  (subject.kind === 'instructions' && /^AGENTS\.md$/i.test(subject.path)) ||
  ((subject.kind === 'skill' || subject.kind === 'power') && isGuidance(subject.path));

/** The words of a skill or power, and the steering files of a power. */
const isGuidance = (path: string) =>
  skillKind(path) !== undefined || /(^|\/)\.kiro\/powers\/[^/]+\/steering\/[^/]+\.md$/i.test(path);

const inertReasons: Record<string, string> = {
  pending: 'nobody accepted it yet; see: ambit trust diff',
  changed: 'changed since it was accepted; see: ambit trust diff',
  unconfirmed: 'accepted by somebody else in ambit.lock, not by you; see: ambit trust diff',
};

/** The user's own steering in `~/.kiro/steering` and `~/.config/ambit/steering`; a run cannot write there. */
async function readUserFiles(folders: readonly string[]): Promise<{ path: string; text: string }[]> {
  const found: { path: string; text: string }[] = [];
  for (const folder of folders) {
    const deep = /[\\/]skills$/.test(folder);
    const names = await readdir(folder, { recursive: deep }).catch(() => []);
    for (const name of names.filter((item) => (deep ? /(^|[\\/])SKILL\.md$/ : /\.md$/i).test(item)).sort()) {
      const path = join(folder, name);
      const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
      if (!handle) continue;
      try {
        if ((await handle.stat()).isFile()) found.push({ path, text: await handle.readFile('utf8') });
      } finally {
        await handle.close();
      }
    }
  }
  return found;
}

/**
 * Steering that may be loaded: accepted content of the workspace (exactly the bytes that were hashed, so nothing can be
 * swapped between check and use) and the user's own files.
 */
export async function loadSteering(report: TrustReport, userFolders: readonly string[]): Promise<LoadedSteering> {
  const loaded: LoadedSteering = { files: [], problems: [], inert: [] };
  const take = (source: Parameters<typeof parseSteering>[0]) => {
    const { path, text, scope } = source;
    const parsed = skillKind(path) ? parseSkill(path, text, scope) : parseSteering(source);
    if ('file' in parsed) loaded.files.push(parsed.file);
    else loaded.problems.push(parsed.problem);
  };
  for (const subject of trustedSubjects(report).values())
    if (isSteering(subject)) take({ path: subject.path, text: subject.text, scope: 'workspace' });
  for (const { path, text } of await readUserFiles(userFolders)) take({ path, text, scope: 'user' });
  for (const status of report.statuses) {
    const reason = report.problem ?? inertReasons[status.state];
    if (status.subject && status.state !== 'trusted' && isSteering(status.subject))
      loaded.inert.push({ path: status.id, reason: reason ?? status.state });
  }
  for (const { path, kind, reason } of report.refused)
    if (isSteering({ kind, path })) loaded.inert.push({ path, reason: `refused: ${reason}` });
  return loaded;
}
