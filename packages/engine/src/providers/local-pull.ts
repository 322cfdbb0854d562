import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { runtimeEntry } from './llama.ts';

/** Tried as a whole: prebuilt, without scripts, on this version's interface. */
export const runtimeVersion = '3.22.1';

const platforms: Record<string, string> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
};

const modelsOf = (folder: string) => join(folder, 'models');
const modelName = /^[\w][\w.-]{0,100}$/;

/** Names of the models that were pulled. */
export async function pulledModels(folder: string): Promise<string[]> {
  const names = await readdir(modelsOf(folder)).catch(() => []);
  return names
    .filter((name) => name.endsWith('.gguf'))
    .map((name) => name.slice(0, -5))
    .sort();
}

export function pulledModelPath(folder: string, name: string): string {
  const path = join(modelsOf(folder), `${name}.gguf`);
  if (modelName.test(name) && existsSync(path)) return path;
  throw new AmbitError('model.failed', `there is no local model \`${name}\``, {
    hint: 'models that are here: ambit model; get one: ambit model pull FILE-OR-ADDRESS',
  });
}

export interface PullPorts {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** One line for a person. */
  say: (text: string) => void;
}

/** Installs the runtime beside the models, from the user's registry, running no script of any package. */
export async function installRuntime(folder: string, ports: PullPorts): Promise<boolean> {
  if (existsSync(runtimeEntry(folder))) return false;
  const platform = platforms[`${process.platform}-${process.arch}`];
  if (!platform)
    throw new AmbitError('environment', `there is no prebuilt runtime for ${process.platform} on ${process.arch}`, {
      hint: 'run a model server instead, such as Ollama or llama.cpp; ambit model finds it',
    });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const packages = [`node-llama-cpp@${runtimeVersion}`, `@node-llama-cpp/${platform}@${runtimeVersion}`];
  ports.say(`installing ${packages.join(' and ')} into ${folder} (about 85 MB) …`);
  const flags = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', '--no-package-lock'];
  const args = ['install', '--prefix', folder, ...flags, ...packages];
  const output = await npm(args, folder, ports);
  if (!existsSync(runtimeEntry(folder)))
    throw new AmbitError('environment', `the runtime could not be installed: ${lastLines(output)}`, {
      where: folder,
      hint: 'it needs npm and its registry; without a network use a model server on this machine, such as Ollama',
    });
  return true;
}

const lastLines = (text: string) => text.trim().split('\n').slice(-3).join(' ').slice(0, 400) || 'npm said nothing';

function npm(args: readonly string[], cwd: string, { env, signal }: PullPorts): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', args, {
      cwd,
      env,
      signal,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    const take = (chunk: Buffer) => {
      output = `${output}${chunk.toString()}`.slice(-8_000);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) =>
      reject(
        signal.aborted
          ? new AmbitError('interrupted', 'interrupted')
          : new AmbitError('environment', `npm could not be started: ${error.message}`, { hint: 'it comes with Node' }),
      ),
    );
    child.on('close', () => resolve(output));
  });
}

async function isGguf(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1') === 'GGUF';
  } finally {
    await file.close();
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function download(url: URL, to: string, { signal, say }: PullPorts): Promise<void> {
  const local = /^(127\.0\.0\.1|localhost|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local))
    throw new AmbitError('usage', `\`${url.href}\` is not a secure address`, {
      hint: 'https, or a file on this machine',
    });
  const response = await fetch(url, { signal }).catch((error: unknown) => {
    const why = error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error);
    throw new AmbitError('environment', `the model could not be fetched: ${why}`, {
      where: url.href,
      hint: 'without a network, copy a GGUF file here and name it: ambit model pull ./model.gguf',
    });
  });
  if (!response.ok || !response.body)
    throw new AmbitError('environment', `the model could not be fetched: ${response.status} ${response.statusText}`, {
      where: url.href,
    });
  const size = Number(response.headers.get('content-length') ?? 0);
  say(`fetching ${url.href}${size > 0 ? ` (${(size / 1e6).toFixed(0)} MB)` : ''} …`);
  await pipeline(Readable.fromWeb(response.body as never), createWriteStream(to, { mode: 0o600 }), { signal });
}

export interface PulledModel {
  name: string;
  path: string;
  sha256: string;
  bytes: number;
}

/** Brings a GGUF file into the models folder: whole, checked, or not at all. */
export async function pullModel(
  folder: string,
  source: string,
  wanted: { name?: string; sha256?: string },
  ports: PullPorts,
): Promise<PulledModel> {
  const url = /^[a-z]+:\/\//i.test(source) && URL.canParse(source) ? new URL(source) : undefined;
  const file = basename(url ? url.pathname : source);
  const name = wanted.name ?? file.replace(/\.gguf$/i, '');
  if (!modelName.test(name))
    throw new AmbitError('usage', `\`${name}\` is no name for a model`, {
      hint: 'letters, digits, `.`, `_`, `-`: --name NAME',
    });
  const models = modelsOf(folder);
  await mkdir(models, { recursive: true, mode: 0o700 });
  const partial = join(models, `.${randomBytes(6).toString('hex')}.partial`);
  try {
    if (url) await download(url, partial, ports);
    else
      await copyFile(source, partial).catch((error: unknown) => {
        throw new AmbitError('input.missing', `the file cannot be read: ${messageOf(error)}`, { where: source });
      });
    if (!(await isGguf(partial)))
      throw new AmbitError('input.broken', 'this is not a GGUF file', {
        where: source,
        hint: 'llama.cpp reads GGUF; many model pages offer one beside other formats',
      });
    const sha256 = await sha256Of(partial);
    if (wanted.sha256 && wanted.sha256.toLowerCase() !== sha256)
      throw new AmbitError('denied', `its SHA-256 is ${sha256}, not the one that was given`, { where: source });
    const path = join(models, `${name}.gguf`);
    await rename(partial, path);
    return { name, path, sha256, bytes: (await stat(path)).size };
  } finally {
    await rm(partial, { force: true });
  }
}
