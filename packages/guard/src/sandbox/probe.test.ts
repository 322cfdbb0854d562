import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { rememberedProbe, tryProgram } from './probe.ts';

describe('that a sandbox worked here', () => {
  const root = mkdtempSync(join(tmpdir(), 'ambit-probe-'));
  after(() => rmSync(root, { recursive: true, force: true }));
  const program = join(root, 'program');
  writeFileSync(program, '#!/bin/sh\necho told\n');
  chmodSync(program, 0o755);

  it('is remembered until the program is another one', () => {
    const probe = rememberedProbe(join(root, 'cache'), 'one', [program]);
    assert.equal(probe.holds(), false);
    probe.keep();
    assert.equal(probe.holds(), true);
    assert.equal(rememberedProbe(join(root, 'cache'), 'two', [program]).holds(), false);
    writeFileSync(program, '#!/bin/sh\necho another\n');
    assert.equal(probe.holds(), false);
  });

  it('is forgotten when a command could not be confined', () => {
    const probe = rememberedProbe(join(root, 'cache'), 'one', [program]);
    probe.keep();
    probe.forget();
    assert.equal(probe.holds(), false);
  });

  it('is not remembered from a file that says something else, for a program that is gone, or without a folder', () => {
    const probe = rememberedProbe(join(root, 'cache'), 'one', [program]);
    writeFileSync(join(root, 'cache', 'works-one'), 'yes');
    assert.equal(probe.holds(), false);
    const gone = rememberedProbe(join(root, 'cache'), 'gone', [join(root, 'gone')]);
    gone.keep();
    assert.equal(gone.holds(), false);
    const none = rememberedProbe(undefined, 'none', [program]);
    none.keep();
    assert.equal(none.holds(), false);
    assert.equal(existsSync(join(root, 'cache', 'works-none')), false);
  });

  it('is tried without blocking, and a failure is an answer', async () => {
    assert.deepEqual(await tryProgram(program, []), { ok: true, output: 'another\n', trouble: '' });
    const failed = await tryProgram('/bin/sh', ['-c', 'echo no >&2; exit 3']);
    assert.deepEqual({ ...failed, output: '' }, { ok: false, output: '', trouble: 'no' });
    assert.equal((await tryProgram(join(root, 'gone'), [])).ok, false);
  });
});
