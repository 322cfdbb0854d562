import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCatalogSources } from '../../../test/support/catalog.ts';
import { readRules } from './catalog.ts';
import { createScanner } from './scanner.ts';

const scanner = await createScanner(
  readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks')),
);

function gapsOf(path: string, text: string): string[] {
  const { gaps } = scanner.scanBytes(path, Buffer.from(text));
  return [...new Set(gaps.map(({ reason }) => reason))];
}

const workload =
  'apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: web:1\n';
const compose = 'services:\n  web:\n    image: web:1\n    privileged: true\n';
const workflow = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n';
const bucket = 'resource "aws_s3_bucket" "b" {\n  bucket = "x"\n  tags = { a = "b" }\n  policy = <<EOF\n{}\nEOF\n}\n';
const server = 'server {\n  ssl_protocols TLSv1.2;\n  listen 80;\n  location / {\n    root /srv;\n  }\n}\n';
const firestore =
  'service cloud.firestore {\n  match /databases/{d}/documents {\n    match /a/{b} {\n      allow read: if request.auth != null;\n    }\n  }\n}\n';
const component =
  "<template><p/></template>\n<script>\nconst { exec } = require('child_process');\nexec(name);\n</script>\n";
const yarn = '# yarn lockfile v1\n\na@^1.0.0:\n  version "1.0.0"\n  integrity sha512-x\n';

/** A file that is read whole, and what makes it unreadable: each must be told of, or a gate would pass what it never saw. */
const cases: readonly (readonly [path: string, whole: string, ...broken: (readonly [string, string])[]])[] = [
  [
    'k8s/web.yaml',
    workload,
    ['- name: web', '- name: [web'],
    ['image: web:1', '\timage: web:1'],
    ['image: web:1', 'image: "web'],
  ],
  [
    'k8s/web.yml',
    workload,
    ['kind: Deployment', 'kind: Deployment: x'],
    ['name: web', 'name: web\n       image'],
    ['spec:\n', '{{ if x }}\nspec:\n'],
  ],
  [
    'docker-compose.yml',
    compose,
    ['image: web:1', 'image: {web'],
    ['    privileged', '   privileged'],
    ['web:\n', 'web\n'],
  ],
  ['.github/workflows/a.yml', workflow, ['on: push', 'on: [push'], ['steps:', 'steps: x'], ['  a:', "  'a:"]],
  [
    'serverless.yml',
    'service: a\nprovider:\n  name: aws\n  stage: dev\n',
    ['name: aws', 'name: "aws'],
    ['  stage: dev', ' stage: dev'],
  ],
  [
    'template.json',
    '{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"B": {"Type": "AWS::S3::Bucket"}}}',
    ['}}}', '}}'],
    [', "', '\n<<<<<<< HEAD\n"'],
  ],
  [
    'netlify.toml',
    '[build]\n  command = "x"\n[[headers]]\n  for = "/*"\n  text = """\na b\n"""\n',
    ['"""\n', '\n'],
    ['[build]', '[build'],
    ['for = "/*"', 'for "/*"'],
  ],
  [
    'main.tf',
    bucket,
    ['"x"', '"x'],
    ['\n}\n', '\n'],
    ['resource', '}\nresource'],
    ['\nEOF\n}', '\n}'],
    ['tags = {', 'tags = ({'],
  ],
  [
    'nginx.conf',
    server,
    ['listen 80;', 'listen 80'],
    ['\n}\n', '\n'],
    ['root /srv;', 'root "/srv;'],
    ['server', '}\nserver'],
  ],
  ['nginx/sites-enabled/a', server, ['  }\n}', '  }'], ['location / {', 'location /'], ['80;', '80']],
  [
    'Dockerfile',
    'FROM node:22 AS a\n# n\nRUN a \\\n  # n\n  && b\nRUN <<EOT\nanything\nEOT\nUSER a\n',
    ['\nEOT\n', '\n'],
    ['USER a', 'USR a'],
    ['RUN a', 'ran a'],
  ],
  [
    'supabase/migrations/1.sql',
    "create table a (id int);\ngrant select on a to anon;\ncreate policy p on a using (id = 1);\nselect 'x';\n",
    ["'x'", "'x"],
    ['policy p on a', 'policy on a'],
    ['(id = 1)', '(id = 1'],
    ['grant select on', 'grant select'],
    ['create table', '/* create table'],
  ],
  ['firestore.rules', firestore, ['  }\n}', '  }'], ['!= null;', '!= null'], ['service', '}\nservice']],
  [
    'database.rules.json',
    '{ "rules": { ".read": false } }\n',
    ['} }', '}'],
    ['".read"', '".read'],
    ['{ "rules"', '} { "rules"'],
  ],
  [
    'package-lock.json',
    '{"packages": {"node_modules/a": {"version": "1.0.0", "integrity": "x"}}}',
    ['}}}', '}}'],
    ['"packages"', '"packages'],
  ],
  ['Pipfile.lock', '{"default": {"a": {"version": "==1"}}}', ['}}}', '}}']],
  ['yarn.lock', yarn, ['a@^1.0.0:', '<<<<<<< HEAD\na@^1.0.0:'], ['a@^1.0.0:', 'a@^1.0.0']],
  [
    'pnpm-lock.yaml',
    "lockfileVersion: '9.0'\npackages:\n  a@1.0.0:\n    resolution: {integrity: x}\n",
    ['packages:', '=======\npackages:'],
    ['packages:', 'packages'],
  ],
  ['bun.lock', '{"packages": {"a": ["a@1.0.0", "", {}, "sha512-x"],},}\n', ['],},}', ']'], ['"a":', '"a:']],
  [
    'poetry.lock',
    '[[package]]\nname = "a"\nversion = "1"\nfiles = [\n    {file = "a", hash = "b"},\n]\n',
    ['[[package]]', '[[package'],
    ['name =', '>>>>>>> x\nname ='],
    ['version = "1"', 'version'],
  ],
  [
    'requirements.txt',
    '# n\na==1 \\\n    --hash=sha256:x\n-r b.txt\ngit+https://example.com/a\n',
    ['-r b.txt', '<<<<<<< HEAD'],
    ['-r b.txt', '== 1'],
  ],
  ['package.json', '{"dependencies": {"a": "1.0.0"}}', ['}}', '}'], ['"a"', '"a']],
  ['a.vue', component, ['</script>', '</scrip>'], ['exec(name);', 'exec(name;']],
  ['a.svelte', component, ['require(', 'require((']],
  [
    'a.js',
    "const { exec } = require('child_process');\nexports.a = (name) => exec('x ' + name);\n",
    ['(name) =>', '(name =>'],
    ["'x '", "'x"],
  ],
  [
    'a.py',
    'import os\n\ndef a(name):\n    os.system("x " + name)\n',
    ['(name):', '(name:'],
    ['"x "', '"x '],
    ['import os', 'import'],
  ],
  ['.claude/settings.json', '{"permissions": {"allow": ["Bash(*)"]}}', [']}}', ']}'], ['"allow"', '"allow']],
];

for (const [path, whole, ...ways] of cases)
  test(`${path}: whole no gap, broken one`, () => {
    assert.deepEqual(gapsOf(path, whole), []);
    for (const [from, to] of ways) {
      const text = whole.replace(from, () => to);
      assert.notEqual(text, whole, `nothing is broken by ${to}`);
      assert.notDeepEqual(gapsOf(path, text), [], text);
    }
  });
