import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { parseCriteria } from '../catalog/index.ts';
import { detectManifests, isManifest, rank } from './index.ts';

const catalog = parseCriteria(await readCatalogSources('criteria'));
const found = (file: string, text: string) =>
  detectManifests([{ file, text }], catalog).capabilities.filter((entry) => !entry.impliedBy);
const ids = (file: string, text: string) => found(file, text).map((entry) => entry.capability.id);

const packageJson = `{
  "name": "notes",
  "scripts": { "next": "next dev" },
  "dependencies": {
    "next": "16.0.0",
    "@supabase/supabase-js": "^2.0.0",
    "stripe": "18.0.0"
  },
  "devDependencies": {
    "multer": "2.0.0"
  }
}
`;

describe('detectManifests', () => {
  it('finds what the packages of an app imply, with the line that names the package', () => {
    const supabase = found('package.json', packageJson).find((entry) => entry.capability.id === 'supabase');
    assert.deepEqual(supabase?.cue, { quote: '"@supabase/supabase-js": "^2.0.0"', line: 6, file: 'package.json' });
    for (const id of ['nextjs', 'payment']) assert.ok(ids('package.json', packageJson).includes(id), id);
  });

  it('leaves out tools, scripts and what is no dependency', () => {
    assert.ok(!ids('package.json', packageJson).includes('upload'));
    assert.deepEqual(ids('package.json', '{ "name": "stripe", "keywords": ["next"], "scripts": { "ws": "ws" } }'), []);
  });

  it('reads a manifest on one line', () => {
    assert.ok(ids('package.json', '{"dependencies":{"left":"1","stripe":"18.0.0"}}').includes('payment'));
  });

  it('reads the manifests of other languages', () => {
    for (const [file, text, id] of [
      ['requirements.txt', 'flask==3.0\nopenai>=1', 'llm'],
      ['pyproject.toml', '[project]\ndependencies = [\n  "boto3>=1.3",\n  "anthropic",\n]', 'llm'],
      ['Gemfile', "gem 'devise'", 'login'],
      ['go.mod', 'require (\n  github.com/gin-gonic/gin v1.9.1\n  github.com/lib/pq v1.1.0\n)', 'error-handling'],
      ['api/Pipfile', '[packages]\nstripe = "*"', 'payment'],
    ] as const)
      assert.ok(ids(file, text).includes(id), `${file}: ${ids(file, text).join(' ')}`);
  });

  it('raises criteria, and survives any text', () => {
    const raised = rank(detectManifests([{ file: 'package.json', text: packageJson }], catalog), catalog);
    assert.ok(raised.some((one) => one.criterion.id === 'supabase/rls'));
    for (const text of ['', '{', '\u0000', '"'.repeat(10_000), '{'.repeat(10_000)]) ids('package.json', text);
  });

  it('knows a manifest by its name alone', () => {
    assert.ok(isManifest('apps/web/package.json'));
    assert.ok(!isManifest('package.json.md'));
    assert.ok(!isManifest('constructor'));
  });
});
