import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { searchSecrets } from './secret-index.ts';

const isSecret = (path: string) => /(^|\/)\.env$|\.key$/.test(path);
const options = { isSecret, passed: new Set(['node_modules']), most: 10_000 };

function stage(): { root: string; put: (name: string) => void; index: { file: string; key: string } } {
  const top = mkdtempSync(join(tmpdir(), 'ambit-index-'));
  const root = join(top, 'w');
  const put = (name: string) => {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), 'x');
  };
  for (const name of ['a.ts', 'src/b.ts', 'src/deep/c.ts', 'certs/one.key', 'node_modules/m/.env']) put(name);
  return { root, put, index: { file: join(top, 'index.json'), key: 'k' } };
}

/** A second run, whose answer must be that of a search without any memory. */
async function both(root: string, index: { file: string; key: string }): Promise<string[]> {
  const [kept, fresh] = [await searchSecrets(root, { ...options, index }), await searchSecrets(root, options)];
  assert.deepEqual(kept.secrets.toSorted(), fresh.secrets.toSorted());
  return kept.secrets.toSorted();
}

describe('secret files of a workspace, looked for by what has changed', () => {
  const changes: Record<string, (root: string, put: (name: string) => void) => void> = {
    'a file made': (_root, put) => put('src/deep/.env'),
    'a file renamed': (root) => renameSync(join(root, 'src/b.ts'), join(root, 'src/b.key')),
    'a file removed': (root) => rmSync(join(root, 'certs/one.key')),
    'a file put back with its old time': (root, put) => {
      put('src/.env');
      utimesSync(join(root, 'src'), new Date(1_000), new Date(1_000));
    },
    'a folder moved in': (root) => {
      mkdirSync(join(root, '../other'));
      writeFileSync(join(root, '../other/x.key'), 'x');
      renameSync(join(root, '../other'), join(root, 'src/other'));
    },
    'a folder replaced by another of its name': (root) => {
      mkdirSync(join(root, '../deep'));
      writeFileSync(join(root, '../deep/y.key'), 'x');
      renameSync(join(root, 'src/deep'), join(root, '../gone'));
      renameSync(join(root, '../deep'), join(root, 'src/deep'));
    },
    'a link in place of a folder': (root) => {
      rmSync(join(root, 'certs'), { recursive: true });
      symlinkSync('/etc/ssl', join(root, 'certs'));
    },
    'a folder in place of a file': (root, put) => {
      rmSync(join(root, 'a.ts'));
      put('a.ts/.env');
    },
  };
  for (const [name, change] of Object.entries(changes))
    it(`finds ${name}`, async (t) => {
      const { root, put, index } = stage();
      t.after(() => rmSync(join(root, '..'), { recursive: true, force: true }));
      await both(root, index);
      change(root, put);
      await both(root, index);
      await both(root, index);
    });

  it('does not look again where nothing changed, and everywhere with another key', async (t) => {
    const { root, index } = stage();
    t.after(() => rmSync(join(root, '..'), { recursive: true, force: true }));
    let asked = 0;
    const counting = { ...options, isSecret: (path: string) => Boolean(++asked) && isSecret(path), index };
    await searchSecrets(root, counting);
    // Folders changed just now are not trusted yet.
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    await searchSecrets(root, counting);
    asked = 0;
    assert.deepEqual((await searchSecrets(root, counting)).secrets, ['certs/one.key']);
    assert.equal(asked, 0);
    await searchSecrets(root, { ...counting, index: { ...index, key: 'another' } });
    assert.ok(asked > 0);
  });

  it('starts anew from an index that is damaged, and says what it did not reach', async (t) => {
    const { root, index } = stage();
    t.after(() => rmSync(join(root, '..'), { recursive: true, force: true }));
    writeFileSync(index.file, '{"key":"k","at":');
    assert.deepEqual(await both(root, index), ['certs/one.key']);
    const { secrets, rest } = await searchSecrets(root, { ...options, most: 1 });
    assert.deepEqual([secrets, rest.length > 0], [[], true]);
  });
});
