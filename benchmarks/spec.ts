// 1,000 specs read, judged and traced; and `ambit spec check` on one spec as a process against bare Node.
// Run: benchmarks/spec.ts [--process]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkSpec, parseLintRules, parseSpec, type SpecTexts, traceSpec } from '@ambit/core/spec';
import { corpusSpecs } from '../evals/spec/corpus.ts';
import { readCatalogSources } from '../test/support/catalog.ts';

/** Budgets of the design: seconds for 1,000 specs; a process at most `factor` × bare Node + `extra` ms. */
const budget = { seconds: 2, factor: 1.5, extra: 50 };

const things = [
  'order',
  'invoice',
  'session',
  'profile',
  'report',
  'message',
  'payment',
  'upload',
  'ticket',
  'booking',
];

/** A spec of the corpus's median size: 8 requirements of 6 criteria, a design of 150 lines, 30 tasks. */
export function syntheticSpec(n: number): SpecTexts {
  const thing = (i: number) => things[(n + i) % things.length];
  const requirement = (r: number) => `### Requirement ${r}: Manage ${thing(r)}

**User Story:** As a customer, I want to keep my ${thing(r)}, so that I can find it again.

#### Acceptance Criteria

${Array.from({ length: 6 }, (_, c) => `${c + 1}. ${c === 4 ? `IF the ${thing(r)} ${c} is missing THEN the` : `WHEN a customer opens ${thing(r)} ${c}, THE`} Service_${n % 7} SHALL show the ${thing(c)} of ${r * 10 + c} entries within ${c + 1} seconds.`).join('\n')}
`;
  const task = (t: number) => `- [ ] ${t}. Build the ${thing(t)}
  - [ ] ${t}.1 Write \`src/${thing(t)}/store.ts\` for number ${n}
    - keep the ${thing(t + 1)} beside it
    - _Requirements: ${(t % 8) + 1}.1, ${(t % 8) + 1}.2-${(t % 8) + 1}.4_
    - _Scope: src/${thing(t)}/**, test/${thing(t)}/**_
  - [ ]* ${t}.2 Write property tests
    - **Validates: Requirements ${(t % 8) + 1}.5**
`;
  const component = (i: number) =>
    `### ${thing(i)} store\n\nKeeps each ${thing(i)} in \`src/${thing(i)}/store.ts\`. Implements Requirements ${(i % 8) + 1}.1.\n\n\`\`\`ts\nexport interface Store${i} {\n  find(id: string): Promise<void>;\n}\n\`\`\`\n`;
  return {
    name: `spec-${n}`,
    requirements: {
      file: 'requirements.md',
      text: `# Requirements Document\n\n## Introduction\n\nSpec ${n}.\n\n## Glossary\n\n- **Service_${n % 7}**: the service\n\n## Requirements\n\n${Array.from({ length: 8 }, (_, r) => requirement(r + 1)).join('\n')}`,
    },
    design: {
      file: 'design.md',
      text: `# Design Document\n\n## Components and Interfaces\n\n${Array.from({ length: 10 }, (_, i) => component(i)).join('\n')}\n## Correctness Properties\n\n### Property 1: Kept\n\n*For any* entry, the store SHALL keep it.\n\n**Validates: Requirements 1.1, 2.1**\n`,
    },
    tasks: {
      file: 'tasks.md',
      text: `# Implementation Plan\n\n${Array.from({ length: 10 }, (_, t) => task(t + 1)).join('\n')}`,
    },
  };
}

const rules = parseLintRules(await readCatalogSources('lint'));

/** Wall and processor time: on a shared machine only the second says what the work costs. */
function seconds(specs: readonly SpecTexts[]): { wall: number; processor: number } {
  const start = performance.now();
  const before = process.cpuUsage();
  for (const texts of specs) {
    const spec = parseSpec(texts);
    checkSpec(spec, { rules });
    traceSpec(spec);
  }
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - start) / 1000, processor: (user + system) / 1e6 };
}

const sizeOf = (specs: readonly SpecTexts[]) =>
  specs.reduce(
    (sum, spec) =>
      sum + (spec.requirements?.text.length ?? 0) + (spec.design?.text.length ?? 0) + (spec.tasks?.text.length ?? 0),
    0,
  );

function report(name: string, specs: readonly SpecTexts[]): void {
  const { wall, processor } = seconds(specs);
  console.log(
    `${name}: ${specs.length} specs, ${(sizeOf(specs) / 1e6).toFixed(1)} MB, ${wall.toFixed(2)} s, of processor ${processor.toFixed(2)} s (budget ${budget.seconds} s)`,
  );
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function wall(args: string[], cwd: string): number {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, args, { cwd, stdio: 'ignore' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
  return performance.now() - start;
}

function processes(): void {
  const bundle = join(import.meta.dirname, '..', 'dist', 'ambit.js');
  if (!existsSync(bundle)) {
    console.log('no bundle: npm run build');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'ambit-bench-'));
  const spec = join(folder, '.kiro', 'specs', 'one');
  mkdirSync(spec, { recursive: true });
  const texts = syntheticSpec(1);
  for (const kind of ['requirements', 'design', 'tasks'] as const)
    writeFileSync(join(spec, `${kind}.md`), texts[kind]?.text ?? '');
  const bare: number[] = [];
  const check: number[] = [];
  for (let i = 0; i < 11; i++) {
    bare.push(wall(['-e', '0'], folder));
    check.push(wall([bundle, 'spec', 'check', 'one'], folder));
  }
  rmSync(folder, { recursive: true });
  const limit = median(bare) * budget.factor + budget.extra;
  console.log(
    `spec check as a process: ${median(check).toFixed(0)} ms, bare Node ${median(bare).toFixed(0)} ms, budget ${limit.toFixed(0)} ms`,
  );
}

const synthetic = Array.from({ length: 1_000 }, (_, i) => syntheticSpec(i));
report('synthetic, first run', synthetic);
const real = corpusSpecs();
if (real.length > 0)
  report(
    'real, repeated',
    Array.from({ length: 1_000 }, (_, i) => real[i % real.length] as SpecTexts),
  );
if (process.argv.includes('--process')) processes();
