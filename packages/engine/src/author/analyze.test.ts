import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parseSpec } from '@ambit/core/spec';
import { type Step, startScriptedModel } from '../../../../test/support/scripted-model.ts';
import { openModel } from '../providers/index.ts';
import { inferFindings } from './analyze.ts';

const spec = parseSpec({
  name: 'login',
  requirements: {
    file: 'requirements.md',
    text: '# Requirements\n\n### Requirement 1: Sessions\n\n#### Acceptance Criteria\n\n1. WHEN a user logs in THE system SHALL keep the session for 30 minutes.\n2. WHEN a user asks THE system SHALL show recent orders.\n',
  },
});

const finding = (criteria: string[], quote: string, message = 'says not how many are recent; decide a number') => ({
  kind: 'ambiguity',
  criteria,
  quote,
  message,
});

/** The findings of a model that speaks a provider's wire format over HTTP and answers so. */
async function inferred(t: TestContext, ...answers: (object | Step)[]) {
  const model = await startScriptedModel({
    steps: (_, i) => {
      const answer = answers[Math.min(i, answers.length - 1)] ?? {};
      return 'fault' in answer ? (answer as Step) : { text: JSON.stringify(answer) };
    },
  });
  t.after(() => model.close());
  const client = await openModel(
    { provider: 'openai-compatible', model: 'scripted', because: '' },
    { env: { OPENAI_BASE_URL: `${model.url}/v1`, OPENAI_API_KEY: 'k' }, configuration: {} },
  );
  const found = await inferFindings(spec, { model: client, signal: new AbortController().signal });
  return { found, requests: model.requests };
}

test('what a model says is marked inferred and stands where its first criterion stands', async (t) => {
  const { found, requests } = await inferred(t, { findings: [finding(['1.2'], 'show recent orders')] });
  assert.deepEqual(
    found.map(({ kind, about, file, line, inferred }) => ({ kind, about, file, line, inferred })),
    [{ kind: 'ambiguity', about: ['1.2'], file: 'requirements.md', line: 8, inferred: true }],
  );
  assert.equal(requests.length, 1);
  assert.ok(requests[0]?.output, 'asked for in a schema');
  assert.match(requests[0]?.body ?? '', /1\.2 WHEN a user asks/);
});

test('made-up criteria and quotes are sent back for repair and left out when they stay', async (t) => {
  const wrong = { findings: [finding(['9.9'], 'show recent orders'), finding(['1.1'], 'forever and a day')] };
  const mended = await inferred(t, wrong, { findings: [finding(['1.2'], 'recent orders')] });
  assert.deepEqual([mended.found.length, mended.requests.length], [1, 2]);
  assert.match(mended.requests[1]?.body ?? '', /there is no criterion 9\.9/);
  const stubborn = await inferred(t, wrong);
  assert.deepEqual([stubborn.found, stubborn.requests.length], [[], 3]);
});

test('a failing model and one that answers no JSON are errors, never «nothing found»', async (t) => {
  await assert.rejects(inferred(t, { fault: 'access' } as Step), { code: 'model.failed' });
  await assert.rejects(inferred(t, { nothing: 'of use' }), { code: 'model.failed' });
});

test('control characters and marks of a model’s words do not reach the terminal', async (t) => {
  const { found } = await inferred(t, {
    findings: [finding(['1.2'], 'recent orders', 'bad \u001b[31mred\u001b[0m\n# heading')],
  });
  assert.doesNotMatch(found[0]?.message ?? '', /[\u0000-\u001f]/u);
});
