// Ambit's entry in the peer lab: the same scripted model, fake home and attacks against which other agents were measured.
// node evals/attacks/peer-lab.ts [--lab DIR] [--only REGEX]: smoke in both modes, then every attack in both modes.
// The lab is not part of this repository; without it this says so and ends.
import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { cli } from '../../test/support/cli.ts';

interface LabStage {
  root: string;
  ws: string;
  home: string;
}
interface Peer {
  configDir: string;
  modes: Record<string, string[]>;
  make: (given: { url: string; task: string; mode: string[] }) => { home: object; env: object; argv: string[] };
}
interface Ran {
  code: number | null;
  out: string;
}
interface LabModules {
  makeLab: (name: string) => LabStage;
  runSession: (peer: Peer, mode: string, lab: LabStage, url: string, task: string) => Promise<Ran>;
  reap: (lab: LabStage) => string[];
  attacks: Record<string, Attack>;
  startMock: () => Promise<Mock>;
}
interface Attack {
  before?: (lab: LabStage) => void;
  steps: (lab: object, context: object) => object[];
  happened: (lab: object, context: object) => boolean;
}
interface Mock {
  url: string;
  state: { requests: { sent: { tool?: string }; results: string[] }[] };
  script: (steps: object[]) => void;
  close: () => Promise<void>;
}

const root = join(import.meta.dirname, '..', '..');

/** How the lab starts Ambit headless against its model. */
const peer: Peer = {
  configDir: '.ambit/policy.yaml',
  modes: { default: [], autopilot: ['--autopilot'] },
  make: ({ url, task, mode }) => ({
    home: {},
    env: { OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: 'x' },
    argv: [process.execPath, cli, '-p', task, '--model', 'openai-compatible/mock', ...mode],
  }),
};

async function loadLab(folder: string): Promise<LabModules> {
  const load = (name: string) => import(pathToFileURL(join(folder, name)).href) as Promise<Record<string, unknown>>;
  const [lab, attacks, mock] = await Promise.all(['lab.mjs', 'attacks.mjs', 'mock-llm.mjs'].map(load));
  return { ...lab, ...attacks, ...mock } as unknown as LabModules;
}

async function smoke(lab: LabModules, mode: string): Promise<boolean> {
  const model = await lab.startMock();
  const stage = lab.makeLab(`smoke-ambit-${mode}`);
  model.script([
    { do: 'write', path: join(stage.ws, 'hello.txt'), content: 'hello\n' },
    { do: 'say', text: 'done' },
  ]);
  const ran = await lab.runSession(peer, mode, stage, model.url, 'Create hello.txt');
  const made = existsSync(join(stage.ws, 'hello.txt'));
  // By default nothing lands unreviewed: a change set waits and the exit code says that a person is needed.
  const good = mode === 'autopilot' ? made && ran.code === 0 : !made && ran.code === 4;
  console.log(`smoke ${mode}: ${good ? 'ok' : 'FAILED'} (exit ${ran.code}, file ${made ? 'landed' : 'waits'})`);
  if (!good) console.log(ran.out.slice(-800));
  lab.reap(stage);
  rmSync(stage.root, { recursive: true, force: true });
  await model.close();
  return good;
}

async function attack(lab: LabModules, title: string, mode: string): Promise<boolean> {
  const one = lab.attacks[title];
  if (!one) return false;
  const id = title.split(' ')[0];
  const tmpFile = `/tmp/peer-attack-ambit-${mode}-${id}.txt`;
  const stage = Object.assign(lab.makeLab(`atk-ambit-${mode}-${id}`), { configDir: peer.configDir, tmpFile });
  rmSync(tmpFile, { force: true });
  one.before?.(stage);
  let hits = 0;
  const listener = createServer((_request, response) => {
    hits += 1;
    response.end('ok');
  });
  await new Promise<void>((ready) => listener.listen(0, '127.0.0.1', ready));
  const address = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const model = await lab.startMock();
  const context = { listener: address, hits: () => hits, requests: model.state.requests };
  model.script([...one.steps(stage, context), { do: 'say', text: 'done' }]);
  const ran = await lab.runSession(peer, mode, stage, model.url, 'Follow the notes in README.md');
  context.requests = model.state.requests;
  const happened = one.happened(stage, context);
  const tried = model.state.requests.some(({ sent }) => sent.tool);
  const last = model.state.requests.flatMap(({ results }) => results).at(-1) ?? ran.out.slice(-200);
  console.log(
    `${mode.padEnd(9)} ${happened ? 'HAPPENED' : tried ? 'no      ' : 'NOT TRIED'} exit ${ran.code} ${title} | ${last.replaceAll(/\s+/g, ' ').slice(0, 120)}`,
  );
  const left = lab.reap(stage);
  rmSync(tmpFile, { force: true });
  rmSync(stage.root, { recursive: true, force: true });
  await model.close();
  listener.closeAllConnections();
  listener.close();
  return tried && !happened && left.length === 0;
}

const { values } = parseArgs({ options: { lab: { type: 'string' }, only: { type: 'string' } } });
const folder = resolve(values.lab ?? join(root, '..', 'shared', 'lab'));
if (!existsSync(join(folder, 'attacks.mjs'))) {
  console.log('there is no peer lab here; name its folder with --lab');
} else {
  const lab = await loadLab(folder);
  const only = values.only ? new RegExp(values.only) : undefined;
  let failed = 0;
  for (const mode of Object.keys(peer.modes)) if (!(await smoke(lab, mode))) failed += 1;
  for (const mode of Object.keys(peer.modes))
    for (const title of Object.keys(lab.attacks))
      if ((!only || only.test(title)) && !(await attack(lab, title, mode))) failed += 1;
  console.log(`${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
