import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkAwsCredentials } from './index.ts';

// Built at run time, so that no live-looking key stands in the repository.
const id = `AKIA${'Z'.repeat(16)}`;
const secret = 'x1'.repeat(20);
const now = new Date('2026-11-24T00:00:00Z');

async function stage(t: TestContext, home: Record<string, string>, project: Record<string, string>) {
  const root = await mkdtemp(join(tmpdir(), 'ambit-aws-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const [folder, files] of Object.entries({ home, project })) {
    await mkdir(join(root, folder, '.aws'), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(root, folder, name), text);
  }
  return { home: join(root, 'home'), workspace: join(root, 'project'), env: {}, now };
}

test('static keys are found in profile, environment and project; nothing secret is shown', async (t) => {
  const at = await stage(
    t,
    { '.aws/credentials': `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n` },
    { '.env': `AWS_ACCESS_KEY_ID=${id}\nAWS_SECRET_ACCESS_KEY=${secret}\n` },
  );
  await utimes(join(at.home, '.aws/credentials'), now, new Date('2026-01-01T00:00:00Z'));
  const env = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_PROFILE: 'acme-production' };
  const found = await checkAwsCredentials({ ...at, env });
  assert.deepEqual(
    found.map(({ where, severity }) => `${severity} ${where}`),
    ['high .env:1', 'high .env', 'medium ~/.aws/credentials:1', 'medium environment', 'medium environment'],
  );
  assert.match(found[2]?.problem ?? '', /has not changed for 327 days/);
  assert.doesNotMatch(JSON.stringify(found), new RegExp(`${secret}|${id}`));
});

test('single sign-on, roles, short-lived keys and ignored examples are left alone', async (t) => {
  const at = await stage(
    t,
    {
      '.aws/config':
        '[profile dev]\nsso_start_url = https://x\nrole_arn = arn:aws:iam::1:role/dev\n[profile tmp]\naws_access_key_id = ASIAXXXXXXXXXXXXXXXX\n',
    },
    { '.gitignore': '.env*\n!.env.example\n', '.env': 'PORT=1\n', '.env.example': 'AWS_ACCESS_KEY_ID=\n' },
  );
  assert.deepEqual(await checkAwsCredentials({ ...at, env: { AWS_PROFILE: 'dev' } }), []);
});
