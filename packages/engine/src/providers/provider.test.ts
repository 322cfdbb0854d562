import { providerEnvironments } from '../../../../test/support/provider-environments.ts';
import { providerContract } from './provider.contract.ts';

/** Wires that carry arguments only as JSON, and wires that carry reasoning which must be sent back. */
const onlyJson = new Set(['google']);
const withReasoning = new Set(['anthropic', 'google']);

for (const [provider, environment] of Object.entries(providerEnvironments))
  providerContract({
    provider,
    rawArguments: !onlyJson.has(provider),
    reasoning: withReasoning.has(provider),
    environment,
  });
