import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { readCatalogSources } from '../../../../../test/support/catalog.ts';
import { parseSpec } from '../spec.ts';
import type { Diagnostic } from '../types.ts';
import { checkSpec, fixText, type LintRules, type LintSample, parseLintRules } from './index.ts';

let rules: LintRules;
before(async () => {
  rules = parseLintRules(await readCatalogSources('lint'));
});

const wrap = (criterion: string) =>
  `# Requirements Document\n\n## Requirements\n\n### Requirement 1: One\n\n#### Acceptance Criteria\n\n1. ${criterion}\n`;

function check(sample: LintSample): Diagnostic[] {
  const data: Record<string, unknown> =
    typeof sample === 'string'
      ? { requirements: sample.includes('\n#') || sample.startsWith('#') ? sample : wrap(sample) }
      : sample;
  const source = (kind: string) =>
    typeof data[kind] === 'string' ? { [kind]: { file: `${kind}.md`, text: data[kind] } } : {};
  const spec = parseSpec({
    name: 'sample',
    ...source('requirements'),
    ...source('tasks'),
    ...source('design'),
    ...source('config'),
  });
  const raised = (Array.isArray(data['raised']) ? data['raised'] : []).map((id: string) => ({
    id,
    text: 't',
    quote: 'q',
    line: 1,
  }));
  const missing = (Array.isArray(data['missing']) ? data['missing'] : []) as string[];
  return checkSpec(spec, { rules, raised, missingFiles: new Map(missing.map((path) => [path, 'missing'])) });
}

describe('samples', () => {
  test('every rule speaks on its match samples and keeps silent on the others', () => {
    const wrong: string[] = [];
    for (const rule of rules.list) {
      assert.ok(
        rule.samples?.match.length && rule.samples['no-match'].length,
        `${rule.id} needs samples of both kinds`,
      );
      for (const sample of rule.samples.match)
        if (!check(sample).some((entry) => entry.rule === rule.id))
          wrong.push(`${rule.id} is silent on ${JSON.stringify(sample)}`);
      for (const sample of rule.samples['no-match'])
        for (const entry of check(sample))
          if (entry.rule === rule.id) wrong.push(`${rule.id} says «${entry.message}» on ${JSON.stringify(sample)}`);
    }
    assert.deepEqual(wrong, []);
  });

  test('a rule with an unknown field is refused', () => {
    assert.throws(() => parseLintRules([{ file: 'x.yaml', data: { rules: [{ id: 'E1', colour: 'red' }] } }]), {
      code: 'input.broken',
    });
  });
});

test('a requirement made of vague words alone gets at least five diagnostics', () => {
  const found = check(
    'The system SHALL quickly allow users to upload appropriate avatars and/or handle errors properly, etc.',
  );
  assert.deepEqual([...new Set(found.map((entry) => entry.rule))].sort(), ['E4', 'E5', 'E6']);
  assert.ok(found.length >= 5, found.map((entry) => entry.message).join('\n'));
});

test('positions point at the word, in the file as it is', () => {
  const text = wrap('THE system SHALL show the results\n   quickly.').replaceAll('\n', '\r\n');
  const [found] = check(text).filter((entry) => entry.rule === 'E4');
  const line = text.split('\r\n')[(found?.line ?? 0) - 1] ?? '';
  assert.equal(line.slice((found?.column ?? 0) - 1, (found?.column ?? 0) + 6), 'quickly');
});

test('certain fixes change their place only', () => {
  const text = wrap('IF the token is expired, the API must answer 401.');
  const spec = parseSpec({ name: 's', requirements: { file: 'r', text } });
  const { text: fixed, fixed: count } = fixText(text, checkSpec(spec, { rules }));
  assert.equal(fixed, text.replace('the API must', 'THEN the API shall'));
  assert.equal(count, 2);
});

test('a suppression with a reason silences its rule for the next criterion only', () => {
  const text = `${wrap('THE system SHALL quickly save.').replace('1. THE', '<!-- ambit-ignore E4: measured in design -->\n1. THE')}2. THE system SHALL quickly load.\n`;
  const found = check(text).filter((entry) => entry.rule === 'E4' || entry.rule === 'S7');
  assert.deepEqual(
    found.map((entry) => [entry.rule, entry.about]),
    [['E4', '1.2']],
  );
});

test('an open question cannot be suppressed', () => {
  const text = `<!-- ambit-ignore-file E9: later -->\n${wrap('THE system SHALL lock after [NEEDS CLARIFICATION: how many?] attempts.')}`;
  assert.ok(check(text).some((entry) => entry.rule === 'E9' && entry.severity === 'error'));
});

test('a spec in another language gets the neutral rules and one note', () => {
  const spanish = wrap(
    'WHEN el usuario guarda el borrador, THE sistema SHALL almacenar rápidamente el borrador para que no se pierda, etc.',
  );
  assert.deepEqual([...new Set(check(spanish).map((entry) => entry.rule))], ['S9']);
});

test('dependencies that lead nowhere or in a circle are errors', () => {
  const tasks = '# Plan\n- [ ] 1. A\n  - _Depends: 2_\n- [ ] 2. B\n  - _Depends: 1, 7_\n';
  const messages = check({ tasks }).map((entry) => `${entry.severity} ${entry.rule} ${entry.message}`);
  assert.deepEqual(messages, [
    'error E13 depends on itself through 1 → 2 → 1',
    'error E13 depends on itself through 2 → 1 → 2',
    'error E13 depends on task `7`, which does not exist',
  ]);
});
