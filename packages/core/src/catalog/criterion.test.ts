import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { type CriteriaCatalog, criterionText, parseCriteria } from './criterion.ts';
import { parseRules } from './rule.ts';

const files = await readCatalogSources('criteria');
const catalog = parseCriteria(files);
const criteria = catalog.capabilities.flatMap((entry) => entry.criteria);

const minimal = () => ({
  id: 'thing',
  name: 'Thing',
  kind: 'capability',
  cues: [{ weight: 3, match: '\\bthing\\b' }],
  criteria: [
    {
      id: 'thing/one',
      text: 'THE System SHALL answer 404.',
      why: 'Because.',
      cwe: ['CWE-1'],
      asvs: ['V1.2.4'],
      level: 1,
      weight: 3,
      said: ['404'],
      verify: { kind: 'review', question: 'Does it?' },
    },
  ],
});
const parse = (data: unknown): CriteriaCatalog => parseCriteria([{ file: 'criteria/thing.yaml', data }]);

describe('the criteria catalogue', () => {
  it('has at least 60 capabilities and facets, with the platforms of every kind', () => {
    assert.ok(catalog.capabilities.length >= 60, `${catalog.capabilities.length}`);
    const ids = new Set(catalog.capabilities.map((entry) => entry.id));
    for (const id of ['aws-s3', 'aws-function', 'supabase', 'firebase', 'nextjs', 'llm', 'agent-tools', 'mcp-server'])
      assert.ok(ids.has(id), id);
  });

  it('has samples of both kinds for every capability', () => {
    for (const entry of catalog.capabilities) assert.ok(entry.samples, entry.id);
  });

  it('gives every criterion an id of its own', () => {
    assert.equal(new Set(criteria.map((one) => one.id)).size, criteria.length);
  });

  it('writes every criterion as one EARS sentence with one SHALL and an actor', () => {
    for (const one of criteria) {
      const text = criterionText(one);
      assert.equal(text.match(/\bSHALL\b/g)?.length, 1, one.id);
      assert.match(text, /\bTHE System SHALL\b/, one.id);
      assert.match(text, /\.$/, one.id);
      assert.doesNotMatch(text, /[{}]/, one.id);
      if (/\bIF\b/.test(text)) assert.match(text, /\bIF\b.*, THEN THE System/, one.id);
    }
  });

  it('names key terms that are patterns', () => {
    for (const one of criteria)
      for (const source of one.said) assert.doesNotThrow(() => new RegExp(source, 'iu'), `${one.id}: ${source}`);
  });

  it('says of every criterion how it is verified, by something that exists', async () => {
    const rules = new Set(parseRules(await readCatalogSources('rules')).map((rule) => rule.id));
    const policies = new Set(
      (await readCatalogSources('policies')).flatMap(({ data }) =>
        ((data as { rules?: { id?: string }[] }).rules ?? []).map((rule) => rule.id),
      ),
    );
    assert.ok(policies.size > 0);
    for (const { id, verify } of criteria) {
      if (verify.kind === 'test') assert.ok(verify.act.length > 5 && verify.expect.length >= 3, id);
      else if (verify.kind === 'scan') assert.ok(rules.has(verify.rule), `${id}: no scanner rule \`${verify.rule}\``);
      else if (verify.kind === 'policy')
        assert.ok(policies.has(verify.rule), `${id}: no policy rule \`${verify.rule}\``);
      else if (verify.kind === 'review') assert.match(verify.question, /\?$/, id);
    }
  });

  it('fills in the default of a parameter', () => {
    const one = catalog.criterion('login/attempts');
    assert.ok(one);
    assert.match(one.text, /\{5\}/);
    assert.match(criterionText(one), /IF 5 sign-in attempts .* 429/);
  });
});

describe('parseCriteria', () => {
  it('reads a capability', () => {
    assert.equal(parse(minimal()).capabilities[0]?.id, 'thing');
  });

  it('refuses an unknown field, a criterion without verification and one of another capability', () => {
    assert.throws(() => parse({ ...minimal(), severety: 1 }), /unknown field `severety`/);
    const { verify: _, ...unverified } = minimal().criteria[0]!;
    assert.throws(() => parse({ ...minimal(), criteria: [unverified] }), /verify/);
    assert.throws(
      () => parse({ ...minimal(), criteria: [{ ...minimal().criteria[0], id: 'other/one' }] }),
      /does not belong/,
    );
  });

  it('refuses a broken pattern, a doubled capability and a dangling reference', () => {
    assert.throws(() => parse({ ...minimal(), cues: [{ weight: 3, match: '(' }] }), /pattern `\(` is not valid/);
    const file = { file: 'criteria/thing.yaml', data: minimal() };
    assert.throws(() => parseCriteria([file, file]), /defined twice/);
    assert.throws(() => parse({ ...minimal(), implies: ['nothing'] }), /implies `nothing`/);
    assert.throws(
      () => parse({ ...minimal(), criteria: [{ ...minimal().criteria[0], needs: ['nothing'] }] }),
      /needs `nothing`/,
    );
  });
});
