// What a session costs: start, one tool call, fifty commands, fifty reads, size of the first request, memory; against
// bare Node, and against pi and codex where PEER_BIN names a folder with their installs. The agents take turns, so that
// other work on the machine hits all of them; each has one home and one workspace
// that an earlier session has warmed.
// Usage: npm run build && node benchmarks/loop.ts [--runs 5]      (AMBIT_CLI: another entry than dist/ambit.js)
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ScriptedModel, type Step, startScriptedModel } from '../test/support/scripted-model.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
const runs = Number(values.runs);
const cli = process.env['AMBIT_CLI'] ?? join(import.meta.dirname, '..', 'dist', 'ambit.js');
const peers = process.env['PEER_BIN'];

interface Sample {
  ms: number;
  peakMb: number;
  code: number;
}

interface Place {
  root: string;
  home: string;
  workspace: string;
}

interface Agent {
  name: string;
  /** What one session is started with. */
  argv: (url: string, place: Place) => { argv: string[]; env: Record<string, string> };
}

const median = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;

/** Wall time and the largest resident size of any one process of the session (GNU time). */
function measure(argv: string[], cwd: string, env: Record<string, string>): Promise<Sample> {
  const started = performance.now();
  const timed = existsSync('/usr/bin/time') ? ['/usr/bin/time', '-f', 'PEAK %M', ...argv] : argv;
  const [program = '', ...args] = timed;
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-4_000);
    });
    child.on('close', (code) => {
      const peak = Number(/PEAK (\d+)/.exec(errors)?.[1] ?? Number.NaN) / 1_024;
      resolve({ ms: performance.now() - started, peakMb: peak, code: code ?? -1 });
    });
  });
}

function makePlace(): Place {
  const root = mkdtempSync(join(tmpdir(), 'ambit-bench-'));
  const place = { root, home: join(root, 'home'), workspace: join(root, 'workspace') };
  mkdirSync(place.home);
  mkdirSync(join(place.workspace, '.git'), { recursive: true });
  for (let i = 0; i < 50; i += 1) writeFileSync(join(place.workspace, `f${i}.txt`), `file ${i}\n`);
  return place;
}

const ambit: Agent = {
  name: 'ambit',
  argv: (url) => ({
    argv: [process.execPath, cli, '-p', 'Do the steps', '--autopilot', '-m', 'openai-compatible/scripted'],
    env: { OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: 'x' },
  }),
};

function peerAgents(): Agent[] {
  if (!peers) return [];
  const bin = (name: string) => join(peers, name, 'node_modules', '.bin', name);
  const pi: Agent = {
    name: 'pi',
    argv: (url, { home }) => {
      mkdirSync(join(home, '.pi', 'agent'), { recursive: true });
      const provider = { baseUrl: `${url}/v1`, api: 'openai-completions', apiKey: 'x', models: [{ id: 'mock' }] };
      writeFileSync(join(home, '.pi', 'agent', 'models.json'), JSON.stringify({ providers: { mock: provider } }));
      return {
        argv: [bin('pi'), '-p', '--provider', 'mock', '--model', 'mock', 'Do the steps'],
        env: { PI_OFFLINE: '1' },
      };
    },
  };
  const codex = (name: string, mode: string[]): Agent => ({
    name,
    argv: (url, { home }) => {
      mkdirSync(join(home, '.codex'), { recursive: true });
      const config = `model = "gpt-5.5"\nmodel_provider = "mock"\n\n[model_providers.mock]\nname = "mock"\nbase_url = "${url}/v1"\nenv_key = "MOCK_KEY"\nwire_api = "responses"\n`;
      writeFileSync(join(home, '.codex', 'config.toml'), config);
      const argv = [bin('codex'), 'exec', '--skip-git-repo-check', ...mode, 'Do the steps'];
      return { argv, env: { MOCK_KEY: 'x' } };
    },
  });
  return [
    ...(existsSync(bin('pi')) ? [pi] : []),
    ...(existsSync(bin('codex'))
      ? [
          codex('codex, no sandbox', ['--dangerously-bypass-approvals-and-sandbox']),
          codex('codex, its sandbox', ['--sandbox', 'workspace-write']),
        ]
      : []),
  ];
}

/** The command tool and its argument, by what the agent offers. */
function command(tools: readonly string[], line: string): Step {
  const tool = tools.find((name) => /^(bash|exec_command|shell)$/.test(name)) ?? 'bash';
  return { tool, arguments: tool === 'exec_command' ? { cmd: line } : { command: line } };
}

type Kind = 'command' | 'read';

async function session(
  agent: Agent,
  place: Place,
  kind: Kind,
  count: number,
): Promise<Sample & { model: ScriptedModel }> {
  const model = await startScriptedModel({
    steps: ({ tools }, i) => {
      if (i >= count) return { text: 'done' };
      return kind === 'command' ? command(tools, `true ${i}`) : { tool: 'read', arguments: { path: `f${i}.txt` } };
    },
  });
  const { argv, env } = agent.argv(model.url, place);
  const base = { HOME: place.home, PATH: process.env['PATH'] ?? '', TERM: 'dumb', NO_COLOR: '1', CI: '1' };
  const sample = await measure(argv, place.workspace, { ...base, ...env });
  await model.close();
  if (sample.code !== 0) console.error(`${agent.name}: a session ended with ${sample.code}`);
  return { ...sample, model };
}

/** Everything measured of one agent. */
interface Measured {
  agent: Agent;
  place: Place;
  fresh: Sample;
  one: Sample[];
  commands: Sample[];
  oneRead: Sample[];
  reads: Sample[];
  firstBytes: number;
  calls: number;
}

async function round(one: Measured, long: boolean): Promise<void> {
  const { agent, place } = one;
  const first = await session(agent, place, 'command', 1);
  one.one.push(first);
  one.firstBytes = first.model.requests[0]?.body.length ?? Number.NaN;
  if (!long) return;
  const fifty = await session(agent, place, 'command', 50);
  one.commands.push(fifty);
  one.calls = fifty.model.toolResults().length;
  // codex reads files by commands.
  if (agent.name.startsWith('codex')) return;
  one.oneRead.push(await session(agent, place, 'read', 1));
  one.reads.push(await session(agent, place, 'read', 50));
}

async function prepare(agent: Agent): Promise<Measured> {
  const place = makePlace();
  const fresh = await session(agent, place, 'command', 1);
  return { agent, place, fresh, one: [], commands: [], oneRead: [], reads: [], firstBytes: Number.NaN, calls: 0 };
}

const bareSamples: number[] = [];
const versionSamples: Sample[] = [];
const versionHome = mkdtempSync(join(tmpdir(), 'ambit-bench-home-'));
for (let i = 0; i < Math.max(2 * runs, 8); i += 1) {
  const env = { PATH: process.env['PATH'] ?? '', HOME: versionHome };
  bareSamples.push((await measure([process.execPath, '-e', '0'], tmpdir(), env)).ms);
  versionSamples.push(await measure([process.execPath, cli, '--version'], tmpdir(), env));
}
const bare = median(bareSamples);
const version = median(versionSamples.map((sample) => sample.ms));
const versionMb = Math.max(...versionSamples.map((sample) => sample.peakMb));
const bestOf = (list: Sample[]) => Math.min(...list.map((sample) => sample.ms));
const digits = (value: number, places = 0) => (Number.isFinite(value) ? value.toFixed(places) : '–');

const all: Measured[] = [];
for (const agent of [ambit, ...peerAgents()]) all.push(await prepare(agent));
for (let i = 0; i < runs; i += 1) for (const one of all) await round(one, i < 3);

const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
console.log(`${machine}, Node ${process.version}, load ${digits(loadavg()[0] ?? Number.NaN, 1)}`);
const best = Math.min(...bareSamples);
const bestVersion = bestOf(versionSamples);
console.log(
  `bare node ${digits(bare)} ms (best ${digits(best)}); ambit --version ${digits(version)} ms (best ${digits(bestVersion)}; × ${digits(version / bare, 2)}, best × ${digits(bestVersion / best, 2)}), ${digits(versionMb)} MB\n`,
);
const columns =
  'agent|one-tool session ms|best ms|× bare node|first ever ms|per command ms|best ms|per read ms|best ms|peak MB|first request B|calls';
console.log(`| ${columns.split('|').join(' | ')} |\n|${' --- |'.repeat(columns.split('|').length)}`);
for (const { agent, place, fresh, one, commands, oneRead, reads, firstBytes, calls } of all) {
  const ms = (list: Sample[]) => median(list.map((sample) => sample.ms));
  const peak = Math.max(...[...one, ...commands].map((sample) => sample.peakMb));
  const figures = [
    digits(ms(one)),
    digits(bestOf(one)),
    digits(ms(one) / bare, 1),
    digits(fresh.ms),
    digits((ms(commands) - ms(one)) / 49, 1),
    digits((bestOf(commands) - bestOf(one)) / 49, 1),
    digits((ms(reads) - ms(oneRead)) / 49, 1),
    digits((bestOf(reads) - bestOf(oneRead)) / 49, 1),
    digits(peak),
    digits(firstBytes),
    String(calls),
  ];
  console.log(`| ${agent.name} | ${figures.join(' | ')} |`);
  rmSync(place.root, { recursive: true, force: true });
}
rmSync(versionHome, { recursive: true, force: true });
