// The share of evals/providers/run.ts that continuous integration runs: every fault over one wire, and over every wire a
// fault that is survived and one that ends the run.
import { test } from 'node:test';
import { faults, providers, survive, survivePlan } from './faults.ts';

const everywhere = new Set(['bad JSON once', 'a lasting 500']);

for (const [i, provider] of providers.entries())
  for (const [name, { slow }] of Object.entries(faults))
    if (!slow && (i === 0 || everywhere.has(name)))
      test(`${provider}: ${name}`, { concurrency: 2 }, () => survive(provider, name));

test('a plan whose model fails ends with exit code 5, and the same command carries it on', () =>
  survivePlan('anthropic'));
