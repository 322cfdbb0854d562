import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCatalogSources } from '../../../../../test/support/catalog.ts';
import { readRules } from '../../catalog.ts';
import { scanTexts } from '../../prove.ts';
import { createScanner } from '../../scanner.ts';

const scanner = await createScanner(
  readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks')),
);

function saidOf(rule: string, files: Record<string, string>): string[] {
  const { findings } = scanTexts(scanner, new Map(Object.entries(files)));
  return findings.filter(({ ruleId }) => ruleId === rule).map(({ file, line }) => `${file}:${line}`);
}

const bucket = (name: string) => `resource "aws_s3_bucket" "${name}" {\n  bucket = "${name}"\n}\n`;
const versioning = (name: string) => `resource "aws_s3_bucket_versioning" "v" {\n  bucket = ${name}\n}\n`;

test('what is good to have is missed where others of the folder have it, and only there', () => {
  const rule = 'terraform-bucket-no-versioning';
  assert.deepEqual(saidOf(rule, { 'a/main.tf': bucket('x') + bucket('y') }), []);
  const mixed = { 'a/main.tf': bucket('x') + bucket('y'), 'a/more.tf': versioning('aws_s3_bucket.x.id') };
  assert.deepEqual(saidOf(rule, mixed), ['a/main.tf:4']);
  assert.deepEqual(saidOf(rule, { 'a/main.tf': bucket('x'), 'b/more.tf': versioning('aws_s3_bucket.y.id') }), []);
});

test('one service that has more than it needs makes no habit for many others', () => {
  const service = (name: string, more = '') => `  ${name}:\n    image: acme/${name}:1.2\n${more}`;
  const hard = service('edge', '    read_only: true\n');
  const rule = 'compose-writable-root';
  const said = (names: string[]) =>
    saidOf(rule, { 'compose.yaml': `services:\n${hard}${names.map((name) => service(name)).join('')}` });
  assert.deepEqual(said(['api']), ['compose.yaml:5']);
  assert.deepEqual(said(['api', 'mail', 'jobs', 'web']), []);
  const beside = `services:\n${service('store').replace('acme/store:1.2', 'postgres:17')}${service('api')}`;
  assert.deepEqual(saidOf(rule, { 'compose.yaml': beside }), []);
});

test('a resource that names no bucket may be for any of them', () => {
  const files = { 'main.tf': bucket('x') + bucket('y'), 'more.tf': versioning('each.value') };
  assert.deepEqual(saidOf('terraform-bucket-no-versioning', files), []);
});

test('a policy inside a text is looked into at its own lines', () => {
  const text =
    'resource "aws_iam_policy" "a" {\n  policy = <<EOT\n{\n  "Statement": [\n    { "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*" }\n  ]\n}\nEOT\n}\n';
  assert.deepEqual(saidOf('policy-escalation-any-resource', { 'main.tf': text }), ['main.tf:5']);
});
