import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A static credential, or a setting that leads to one, where a run or a commit could meet it. */
export interface CredentialFinding {
  /** File with line, or `environment`. */
  where: string;
  severity: 'high' | 'medium' | 'info';
  /** What was found; key ids are masked, secrets never shown. */
  problem: string;
  advice: string;
}

export interface CredentialCheck {
  home: string;
  workspace: string;
  env: Readonly<Record<string, string | undefined>>;
  now: Date;
}

const keyId = /\b(AKIA|ASIA)[A-Z0-9]{16}\b/;
/** Days after which AWS's own guidance calls for rotating an access key. */
const rotationDays = 90;
const day = 86_400_000;

const masked = (id: string) => `${id.slice(0, 4)}…${id.slice(-4)}`;

interface Section {
  name: string;
  line: number;
  values: Map<string, string>;
}

/** Sections of an AWS configuration file. Indented lines (nested settings) belong to no key of ours. */
export function parseIni(text: string): Section[] {
  const sections: Section[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const head = /^\s*\[([^\]]+)\]/.exec(raw);
    if (head)
      sections.push({ name: (head[1] ?? '').trim().replace(/^profile\s+/, ''), line: index + 1, values: new Map() });
    const pair = /^([\w-]+)\s*=\s*(.*?)\s*$/.exec(raw);
    if (pair) sections.at(-1)?.values.set((pair[1] ?? '').toLowerCase(), pair[2] ?? '');
  }
  return sections;
}

async function readOptional(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

async function profileFindings({ home, now }: CredentialCheck): Promise<CredentialFinding[]> {
  const found: CredentialFinding[] = [];
  for (const file of ['credentials', 'config']) {
    const path = join(home, '.aws', file);
    const text = await readOptional(path);
    if (text === undefined) continue;
    const age = Math.floor((now.getTime() - (await stat(path)).mtimeMs) / day);
    for (const { name, line, values } of parseIni(text)) {
      const id = values.get('aws_access_key_id');
      if (id === undefined || id.startsWith('ASIA')) continue;
      const old = age > rotationDays ? `; the file has not changed for ${age} days (rotate every ${rotationDays})` : '';
      found.push({
        where: `~/.aws/${file}:${line}`,
        severity: 'medium',
        problem: `profile \`${name}\` holds a static access key ${masked(id)}${old}`,
        advice:
          'a run cannot read it; still, use IAM Identity Center (aws configure sso) or a role, then delete the key',
      });
    }
  }
  return found;
}

function environmentFindings({ env }: CredentialCheck): CredentialFinding[] {
  const id = env['AWS_ACCESS_KEY_ID'];
  const found: CredentialFinding[] = [];
  if (env['AWS_SECRET_ACCESS_KEY'])
    found.push({
      where: 'environment',
      severity: id?.startsWith('ASIA') ? 'info' : 'medium',
      problem: `AWS_SECRET_ACCESS_KEY is set${id ? ` for ${masked(id)}` : ''}`,
      advice: 'a run does not inherit it; start Ambit from a shell without it, or use short-lived credentials',
    });
  const profile = env['AWS_PROFILE'];
  if (profile && /prod/i.test(profile))
    found.push({
      where: 'environment',
      severity: 'medium',
      problem: `AWS_PROFILE names a production profile (\`${profile}\`)`,
      advice: 'unset it for development; name the profile on the one command that needs it',
    });
  return found;
}

/** Small text files in which people keep settings; code is the scanner's work. */
const settingsFile =
  /^(\.env(\..+)?|.*\.env|credentials|config\.(json|ya?ml|toml)|.*\.tfvars|serverless\.ya?ml|samconfig\.toml|docker-compose.*\.ya?ml)$/i;
const example = /(example|sample|template|dist)$/i;

function ignores(gitignore: string, name: string): boolean {
  let ignored = false;
  for (const line of gitignore.split(/\r?\n/).map((item) => item.trim())) {
    const body = line.replace(/^!/, '').replace(/^\//, '');
    if (body === '' || line.startsWith('#')) continue;
    const pattern = new RegExp(`^${body.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
    if (pattern.test(name)) ignored = !line.startsWith('!');
  }
  return ignored;
}

async function projectFindings({ workspace }: CredentialCheck): Promise<CredentialFinding[]> {
  const found: CredentialFinding[] = [];
  const gitignore = (await readOptional(join(workspace, '.gitignore'))) ?? '';
  const entries = await readdir(workspace, { withFileTypes: true }).catch(() => []);
  for (const { name } of entries
    .filter((entry) => entry.isFile() && settingsFile.test(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const lines = ((await readOptional(join(workspace, name))) ?? '').split(/\r?\n/);
    const line = lines.findIndex((text) => keyId.test(text) || /aws_secret_access_key\s*[=:]\s*\S{20}/i.test(text));
    if (line >= 0)
      found.push({
        where: `${name}:${line + 1}`,
        severity: 'high',
        problem: 'an AWS key in a project file',
        advice: 'deactivate it in IAM now, then keep it in Secrets Manager or use a role; a commit would publish it',
      });
    if (/^\.env/i.test(name) && !example.test(name) && !ignores(gitignore, name))
      found.push({
        where: name,
        severity: 'high',
        problem: 'is not in .gitignore',
        advice: 'add `.env*` and `!.env.example` to .gitignore before the first commit: ambit install git',
      });
  }
  return found;
}

/** Looks for static AWS keys where a run, a commit or a shell could meet them. Reads only; shows no secret. */
export async function checkAwsCredentials(check: CredentialCheck): Promise<CredentialFinding[]> {
  return [...(await projectFindings(check)), ...(await profileFindings(check)), ...environmentFindings(check)];
}
