// What a session costs: start, one tool call, fifty commands, fifty reads, size of the first request, memory; against
// bare Node, and against pi and codex where PEER_BIN names a folder with their installs.
// Usage: npm run build && node benchmarks/loop.ts [--runs 5]      (AMBIT_CLI: another entry than dist/ambit.js)
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
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
  const codex: Agent = {
    name: 'codex',
    argv: (url, { home }) => {
      mkdirSync(join(home, '.codex'), { recursive: true });
      const config = `model = "gpt-5.5"\nmodel_provider = "mock"\n\n[model_providers.mock]\nname = "mock"\nbase_url = "${url}/v1"\nenv_key = "MOCK_KEY"\nwire_api = "responses"\n`;
      writeFileSync(join(home, '.codex', 'config.toml'), config);
      return {
        argv: [
          bin('codex'),
          'exec',
          '--skip-git-repo-check',
          '--dangerously-bypass-approvals-and-sandbox',
          'Do the steps',
        ],
        env: { MOCK_KEY: 'x' },
      };
    },
  };
  return [pi, codex].filter(({ name }) => existsSync(bin(name)));
}

/** The command tool and its argument, by what the agent offers. */
function command(tools: readonly string[], line: string): Step {
  const tool = tools.find((name) => /^(bash|exec_command|shell)$/.test(name)) ?? 'bash';
  return { tool, arguments: tool === 'exec_command' ? { cmd: line } : { command: line } };
}

type Kind = 'command' | 'read';

async function session(agent: Agent, kind: Kind, count: number): Promise<Sample & { model: ScriptedModel }> {
  const place = makePlace();
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
  rmSync(place.root, { recursive: true, force: true });
  return { ...sample, model };
}

interface Row {
  agent: string;
  one: number;
  /** The best round: what is left when the machine has nothing else to do. */
  oneBest: number;
  perCommand: number;
  perRead: number;
  peakMb: number;
  firstBytes: number;
  calls: number;
}

async function measureAgent(agent: Agent): Promise<Row> {
  await session(agent, 'command', 1);
  const several = async (kind: Kind, count: number, times: number) => {
    const samples = [];
    for (let i = 0; i < times; i += 1) samples.push(await session(agent, kind, count));
    const failed = samples.find((sample) => sample.code !== 0);
    if (failed) console.error(`${agent.name}: a session ended with ${failed.code}`);
    return samples;
  };
  const one = await several('command', 1, runs);
  const commands = await several('command', 50, Math.min(runs, 3));
  const oneRead = await several('read', 1, Math.min(runs, 3));
  const reads = agent.name === 'codex' ? [] : await several('read', 50, Math.min(runs, 3));
  const ms = (list: Sample[]) => median(list.map((sample) => sample.ms));
  const longest = commands.at(-1)?.model;
  return {
    agent: agent.name,
    one: ms(one),
    oneBest: Math.min(...one.map((sample) => sample.ms)),
    perCommand: (ms(commands) - ms(one)) / 49,
    perRead: reads.length > 0 ? (ms(reads) - ms(oneRead)) / 49 : Number.NaN,
    peakMb: Math.max(...[...one, ...commands].map((sample) => sample.peakMb)),
    firstBytes: one[0]?.model.requests[0]?.body.length ?? Number.NaN,
    calls: longest?.toolResults().length ?? 0,
  };
}

const bareSamples: number[] = [];
const versionSamples: Sample[] = [];
for (let i = 0; i < Math.max(runs, 7); i += 1) {
  const env = { PATH: process.env['PATH'] ?? '', HOME: tmpdir() };
  bareSamples.push((await measure([process.execPath, '-e', '0'], tmpdir(), env)).ms);
  versionSamples.push(await measure([process.execPath, cli, '--version'], tmpdir(), env));
}
const bare = median(bareSamples);
const version = median(versionSamples.map((sample) => sample.ms));
const versionMb = Math.max(...versionSamples.map((sample) => sample.peakMb));
const round = (value: number, digits = 0) => (Number.isNaN(value) ? '–' : value.toFixed(digits));

console.log(
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
);
console.log(
  `bare node ${round(bare)} ms; ambit --version ${round(version)} ms (× ${round(version / bare, 2)}), ${round(versionMb)} MB\n`,
);
console.log(
  '| agent | one-tool session ms | best ms | × bare node | per command ms | per read ms | peak MB | first request B | calls |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
for (const agent of [ambit, ...peerAgents()]) {
  const row = await measureAgent(agent);
  const figures = [
    row.one,
    row.oneBest,
    row.one / bare,
    row.perCommand,
    row.perRead,
    row.peakMb,
    row.firstBytes,
    row.calls,
  ];
  console.log(`| ${row.agent} | ${figures.map((value, i) => round(value, [0, 0, 1, 1, 1, 0, 0, 0][i])).join(' | ')} |`);
}
