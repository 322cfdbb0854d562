import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { parseRules } from '@ambit/core/catalog';
import { compileDetectors, parseFilters } from '@ambit/core/detect';
import fc from 'fast-check';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import {
  createRedactor,
  environmentSecrets,
  isSecretVariable,
  knownFileSecrets,
  maskEnv,
  maskSecretFile,
  secretsInWrite,
  secretsOfFile,
} from './index.ts';

const files = await readCatalogSources('rules/secrets');
const rules = parseRules(files.filter(({ file }) => !file.includes('filters')));
const detectors = compileDetectors(rules, parseFilters(files));

// Built from parts at run time: nothing that looks like a live secret is stored.
const value = `s3cr3t-${randomBytes(9).toString('base64url')}+/é&x`;
const plain = `Zq${randomBytes(12).toString('hex')}`;
const token =
  ['gh', 'p_'].join('') +
  randomBytes(40)
    .toString('base64')
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 36)
    .padEnd(36, 'x');
const redactor = createRedactor(detectors, [
  { name: 'MY_SECRET', value },
  { name: 'PLAIN_TOKEN', value: plain },
]);

const encodings: [string, (text: string) => string][] = [
  ['as it is', (text) => text],
  ['base64', (text) => Buffer.from(text).toString('base64')],
  ['base64 behind one byte', (text) => Buffer.from(`:${text}`).toString('base64')],
  ['base64 behind two bytes', (text) => Buffer.from(`u:${text}\n`).toString('base64')],
  ['base64url', (text) => Buffer.from(`key=${text}`).toString('base64url')],
  ['hex', (text) => Buffer.from(text).toString('hex')],
  ['upper-case hex', (text) => Buffer.from(text).toString('hex').toUpperCase()],
  ['hex dump', (text) => [...Buffer.from(text)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')],
  ['URL', (text) => encodeURIComponent(text)],
  [
    'percent, each byte',
    (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  ],
  ['JSON', (text) => JSON.stringify({ text })],
  ['reversed', (text) => [...text].reverse().join('')],
];

const columns = (text: string, width: number, line: (part: Buffer, at: number) => string) =>
  Array.from({ length: Math.ceil(Buffer.byteLength(text) / width) }, (_, i) =>
    line(Buffer.from(text).subarray(i * width, (i + 1) * width), i * width),
  ).join('\n');
const pairs = (part: Buffer) => part.toString('hex').match(/../g) ?? [];
const readable = (part: Buffer) => part.toString('latin1').replaceAll(/[^\x20-\x7e]/g, '.');
const wrapped = (text: string, width: number) => text.replaceAll(new RegExp(`.{${width}}`, 'g'), '$&\n');
const rot13 = (text: string) =>
  text.replaceAll(/[a-z]/gi, (char) => {
    const base = char <= 'Z' ? 65 : 97;
    return String.fromCharCode(((char.charCodeAt(0) - base + 13) % 26) + base);
  });

/** What a command can make of a text with one pipe more, and who reads it can turn back. */
const disguises: [string, (text: string) => string][] = [
  ['spaced', (text) => [...text].join(' ')],
  ['one character a line', (text) => [...text].join('\n')],
  ['rot13', rot13],
  ['upper case', (text) => text.toUpperCase()],
  ['wrapped base64', (text) => wrapped(Buffer.from(text).toString('base64'), 20)],
  ['base64 twice', (text) => Buffer.from(Buffer.from(text).toString('base64')).toString('base64')],
  ['gzip in base64', (text) => wrapped(gzipSync(text).toString('base64'), 76)],
  ['deflate in base64', (text) => deflateSync(text).toString('base64')],
  ['octal', (text) => [...Buffer.from(text)].map((byte) => byte.toString(8).padStart(3, '0')).join(' ')],
  ['decimal', (text) => [...Buffer.from(text)].join(',')],
  [
    'xxd',
    (text) =>
      columns(
        text,
        16,
        (part, at) =>
          `${at.toString(16).padStart(8, '0')}: ${pairs(part).join('').replaceAll(/.{4}/g, '$& ')} ${readable(part)}`,
      ),
  ],
  [
    'hexdump',
    (text) =>
      columns(
        text,
        16,
        (part, at) => `${at.toString(16).padStart(8, '0')}  ${pairs(part).join(' ')}  |${readable(part)}|`,
      ),
  ],
  [
    'od -c',
    (text) =>
      columns(text, 16, (part, at) => `${at.toString(8).padStart(7, '0')}   ${[...readable(part)].join('   ')}`),
  ],
];

for (const [name, encode] of disguises)
  test(`a known value in a file is redacted: ${name}`, () => {
    const shown = encode(`first=1\nDATABASE_PASSWORD=${plain}\nlast=2\n`);
    const { text, redactions } = redactor.redact(shown);
    assert.ok(redactions > 0, shown);
    assert.notEqual(text, shown);
    const bare = (one: string) => one.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase();
    assert.ok(!bare(text).includes(bare(encode(plain)).slice(8, 24)), text);
  });

for (const name of ['base64 twice', 'gzip in base64', 'spaced', 'rot13', 'wrapped base64', 'hexdump'])
  test(`a key that nobody knew is recognised: ${name}`, () => {
    const fresh = createRedactor(detectors);
    const encode = disguises.find(([one]) => one === name)?.[1] ?? ((text: string) => text);
    assert.ok(fresh.redact(encode(`export const token = "${token}";\n`)).redactions > 0);
  });

test('a key recognised once is known in other clothes; learned values are redacted', () => {
  const fresh = createRedactor(detectors);
  assert.equal(fresh.redact([...token].reverse().join('/')).redactions, 0);
  fresh.redact(`token = "${token}"`);
  assert.ok(fresh.redact([...token].reverse().join('/')).redactions > 0);
  fresh.learn([{ name: 'LATER', value: 'aVery-ordinary-looking7' }]);
  assert.equal(fresh.redact('x aVery-ordinary-looking7 y').text, 'x [redacted:LATER] y');
});

test('packed data that cannot be examined is kept back, data that can be is shown', () => {
  const packed = Buffer.concat([Buffer.from('BZh91AY&SY'), randomBytes(80)]).toString('base64');
  assert.match(redactor.redact(packed).text, /^\[redacted:packed-data\]$/);
  const broken = Buffer.concat([gzipSync('x').subarray(0, 10), randomBytes(60)]).toString('base64');
  assert.match(redactor.redact(broken).text, /packed-data/);
  const harmless = gzipSync('nothing to see here, move along\n'.repeat(9)).toString('base64');
  assert.equal(redactor.redact(harmless).text, harmless);
});

test('what looks encoded and holds no secret stays as it is', () => {
  const image = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(600)]).toString('base64');
  const texts = [
    readFileSync(new URL('../../../../package-lock.json', import.meta.url), 'utf8').slice(0, 60_000),
    wrapped(Buffer.from('An ordinary text, encoded for a mail.\n'.repeat(20)).toString('base64'), 76),
    `data:image/png;base64,${image}`,
    Array.from({ length: 40 }, (_, i) => `${randomBytes(20).toString('hex')} commit ${i}`).join('\n'),
    columns(
      'an ordinary binary\0\u0001 with text',
      16,
      (part, at) => `${at.toString(16).padStart(8, '0')}: ${pairs(part).join(' ')}  ${readable(part)}`,
    ),
    '1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3\na b c d e f g h i j k l m n o p q r s t u v',
  ];
  for (const text of texts) assert.equal(redactor.redact(text).text, text);
});

for (const [name, encode] of encodings) {
  test(`a known value is redacted: ${name}`, () => {
    for (const secret of [value, plain]) {
      const encoded = encode(secret);
      const { text, redactions } = redactor.redact(`before ${encoded} after`);
      assert.ok(redactions >= 1, text);
      assert.match(text, /^before .*\[redacted:[\w.-]+\].* after$/s);
      // What is left of the encoding must not give the secret away: fewer than 8 of its characters in a row.
      const rest = text.replace(/\[redacted:[\w.-]+\]/g, '\n');
      for (let i = 0; i + 10 <= encoded.length; i++)
        assert.ok(!rest.includes(encoded.slice(i, i + 10)), `left: ${encoded.slice(i, i + 10)}`);
    }
  });
}

test('a known value split over two chunks of a stream is redacted, at every point of the split', () => {
  for (const encode of [encodings[0], encodings[1], encodings[5]]) {
    const line = `first line\nvalue: ${encode?.[1](value)} end\nlast line`;
    const whole = redactor.redact(line).text;
    for (let at = 0; at <= line.length; at++) {
      const stream = redactor.stream();
      assert.equal(stream.push(line.slice(0, at)) + stream.push(line.slice(at)) + stream.end(), whole);
    }
  }
});

test('a stream gives the same as the whole text, however it is cut', () => {
  const text = `a ${token}\npassword = "${plain}"\n${'-'.repeat(5)}BEGIN RSA PRIVATE KEY${'-'.repeat(5)}\n${randomBytes(
    300,
  )
    .toString('base64')
    .replaceAll(/(.{64})/g, '$1\n')}\n${'-'.repeat(5)}END RSA PRIVATE KEY${'-'.repeat(5)}\nplain text\n${value}`;
  const whole = redactor.redact(text).text;
  fc.assert(
    fc.property(fc.array(fc.nat({ max: text.length }), { maxLength: 12 }), (cuts) => {
      const stream = redactor.stream();
      let out = '';
      let from = 0;
      for (const cut of [...cuts.sort((a, b) => a - b), text.length]) {
        out += stream.push(text.slice(from, cut));
        from = cut;
      }
      out += stream.end();
      assert.ok(!out.includes(plain) && !out.includes(value) && !out.includes(token));
      // A place that is cut in two has two markers side by side.
      const shape = (shown: string) =>
        shown.replaceAll(/(?:\s*\[redacted:[\w.-]+\])+/g, '[redacted]').replaceAll(/\s+/g, '');
      assert.equal(shape(out), shape(whole));
    }),
    { numRuns: 60 },
  );
});

test('a stream does not keep an endless line, and still redacts in it', () => {
  const stream = redactor.stream();
  let out = '';
  for (let i = 0; i < 60; i++) out += stream.push(`${'x '.repeat(2_000)}${value} `);
  assert.ok(out.length > 100_000, 'something was shown before the end');
  out += stream.end();
  assert.ok(!out.includes(value));
  assert.equal(out.match(/\[redacted:MY_SECRET\]/g)?.length, 60);
});

test("tokens that nobody knew beforehand are redacted by the scanner's detectors", () => {
  const { text, redactions } = redactor.redact(`git clone with ${token} please`);
  assert.equal(redactions, 1);
  assert.match(text, /^git clone with \[redacted:[\w-]+\] please$/);
});

test('redaction is idempotent, and ordinary text stays as it is', () => {
  const dirty = `token=${token} password: "${plain}" ${Buffer.from(value).toString('base64')}`;
  const once = redactor.redact(dirty).text;
  assert.deepEqual(redactor.redact(once), { text: once, redactions: 0 });
  const clean = 'export const tokenCount = 3; // sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709\nPASS  src/a.test.ts\n';
  assert.deepEqual(redactor.redact(clean), { text: clean, redactions: 0 });
  fc.assert(
    fc.property(fc.string({ maxLength: 400, unit: 'binary' }), (text) => {
      const first = redactor.redact(text + plain).text;
      assert.equal(redactor.redact(first).text, first);
      assert.ok(!first.includes(plain));
    }),
    { numRuns: 200 },
  );
});

test('variables are told apart by name and look; addresses give their password', () => {
  const secrets = [
    'AWS_SECRET_ACCESS_KEY',
    'npm_token',
    'DB_PASSWORD',
    'STRIPE_API_KEY',
    'SESSION_SECRET',
    'GITHUB_PAT',
  ];
  for (const name of secrets) assert.ok(isSecretVariable(name, plain), name);
  const harmless: [string, string][] = [
    ['GIT_AUTHOR_NAME', 'Jane Doe Example'],
    ['SSH_AUTH_SOCK', '/tmp/ssh-x/agent.1'],
    ['PATH', '/usr/bin:/bin:/usr/local/bin'],
    ['NODE_ENV', 'development'],
    ['API_KEY_ENABLED', 'true'],
    ['SSL_CERT_FILE', '/etc/ssl/cert.pem'],
    ['API_URL', 'http://localhost:3000/api'],
    ['TERM_PROGRAM', 'Apple_Terminal'],
    ['AWS_PROFILE', 'production-readonly'],
  ];
  for (const [name, text] of harmless) assert.equal(isSecretVariable(name, text), false, name);
  const found = environmentSecrets({
    DATABASE_URL: `postgres://app:${encodeURIComponent('p@ss w0rd!')}@db/app`,
    HOME: '/root',
  });
  assert.deepEqual(
    new Set(found.map((one) => (one.value.length > 30 ? 'address' : one.value))),
    new Set(['address', 'p%40ss%20w0rd!', 'p@ss w0rd!']),
  );
});

test('credential files and .env files give their values; settings in them stay readable', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'ambit-home-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, '.aws'));
  writeFileSync(
    join(home, '.aws/credentials'),
    `[default]\naws_access_key_id = ${'AKIA'}IOSFODNN7TESTING\naws_secret_access_key = ${plain}1\n`,
  );
  writeFileSync(join(home, '.netrc'), `machine x login me password ${plain}2\n`);
  writeFileSync(join(home, '.npmrc'), `//localhost:4873/:_authToken=${plain}3\nregistry=http://localhost:4873/\n`);
  writeFileSync(join(home, 'project.env'), `PORT=3000\nexport JWT_SECRET="${plain}4"\nAPP_NAME=my-application\n`);
  const found = await knownFileSecrets(home, [join(home, 'project.env'), join(home, 'missing')]);
  const values = found.map((one) => one.value);
  for (const digit of [1, 2, 3, 4]) assert.ok(values.includes(`${plain}${digit}`), String(digit));
  for (const harmless of ['3000', 'my-application', 'http://localhost:4873/']) assert.ok(!values.includes(harmless));
  assert.deepEqual(
    secretsOfFile('x.json', JSON.stringify({ auths: { r: { auth: plain } } })).map((one) => one.value),
    [plain],
  );
});

test('the masked view of a .env has the names and none of the values', () => {
  const text = `# database\nDATABASE_URL=postgres://u:${plain}@h/d\nexport API_KEY='${plain}'\nKEY="-----BEGIN\n${plain}\n-----END"\n\nEMPTY=\n`;
  const masked = maskEnv(text);
  assert.equal(masked, 'DATABASE_URL=\nexport API_KEY=\nKEY=\n\nEMPTY=\n');
  assert.equal(maskSecretFile('packages/api/.env.local', `A=${plain}`), 'A=\n');
  assert.equal(maskSecretFile('.npmrc', `registry=http://r/\n//r/:_authToken=${plain}\n`), 'registry=http://r/\n');
  assert.doesNotMatch(
    maskSecretFile('.git/config', `[remote "o"]\n\turl = https://u:${plain}@h/r.git\n`),
    new RegExp(plain),
  );
  assert.match(
    maskSecretFile('.git/config', '[remote "o"]\n\turl = https://u:p@h/r.git\n'),
    /url = https:\/\/h\/r\.git/,
  );
  assert.equal(maskSecretFile('certs/server.key', plain), '');
});

test('a write that carries a secret is told with its line and the place to put it instead', () => {
  const [found] = secretsInWrite('src/config.ts', `// config\nexport const stripeKey = '${token}';\n`, redactor);
  assert.equal(found?.line, 2);
  assert.match(found?.instead ?? '', /process\.env\.STRIPE_KEY/);
  assert.match(found?.instead ?? '', /secrets manager/);
  assert.equal(secretsInWrite('app.py', `db = "${value}"\n`, redactor)[0]?.what, 'MY_SECRET');
  assert.match(secretsInWrite('app.py', `db = "${value}"\n`, redactor)[0]?.instead ?? '', /os\.environ\["DB"\]/);
  const benign =
    "const key = process.env.STRIPE_KEY;\nconst password = 'changeme';\nconst id = 'a3bb189e-8bf9-3888-9912-ace4e6543002';\n";
  assert.deepEqual(secretsInWrite('src/config.ts', benign, redactor), []);
  assert.equal(secretsInWrite('bin.dat', Buffer.concat([Buffer.from([0, 1]), Buffer.from(plain)]), redactor).length, 1);
});

test('without rules and known values nothing is changed', () => {
  const bare = createRedactor(undefined);
  assert.deepEqual(bare.redact('anything'), { text: 'anything', redactions: 0 });
  const stream = bare.stream();
  assert.equal(stream.push('a\nb') + stream.end(), 'a\nb');
});

test('a private key of OpenSSH is hidden whole: its rows of zeros are no mask', () => {
  const body = Buffer.concat([
    Buffer.from(
      'openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none\0\0\0\0\0\0\0\x01\0\0\0\x33\0\0\0\x0bssh-ed25519\0\0\0\x20',
    ),
    randomBytes(32),
    Buffer.alloc(48),
    randomBytes(64),
  ]).toString('base64');
  const rows = body.match(/.{1,70}/g) ?? [];
  const edge = (word: string) => `-----${word} ${['OPENSSH', 'PRIVATE'].join(' ')} KEY-----`;
  const { text } = redactor.redact(['$ cat id', edge('BEGIN'), ...rows, edge('END'), 'done'].join('\n'));
  for (const row of rows.filter((row) => row.length > 8)) assert.ok(!text.includes(row), row);
  assert.match(text, /^\$ cat id\n[\s\S]*\ndone$/);
});
