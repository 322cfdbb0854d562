import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileConditions } from './conditions.ts';
import { parseDockerfile, parseHcl, parseNginx } from './parse-blocks.ts';
import { parseJson, parseToml, parseYaml } from './parse-data.ts';
import { type Parse, scalarText, select, splitPath } from './tree.ts';

function at(parse: Parse, text: string, path: string): string[] {
  const [document] = parse(text).documents;
  return document
    ? select(document, splitPath(path)).map(({ node, line }) => `${scalarText(node) ?? '{}'}@${line}`)
    : ['unread'];
}

test('YAML: documents, anchors left alone, broken text is unread', () => {
  assert.deepEqual(at(parseYaml, 'a:\n  - b: 1\n  - b: !Ref x\n', 'a.*.b'), ['1@2', 'x@3']);
  assert.equal(parseYaml('---\na: 1\n---\nb: 2\n').documents.length, 2);
  assert.deepEqual(at(parseYaml, 'on:\n  push:\n', 'on.push'), ['@2']);
});

test('JSON: comments and trailing commas pass, unclosed and bottomless text is unread', () => {
  assert.deepEqual(at(parseJson, '{ // note\n "a": [1, {"b": "x"},],\n}', 'a.*.b'), ['x@2']);
  for (const bad of ['{"a":', '[1', '{"a" 1}', '['.repeat(300) + ']'.repeat(300)])
    assert.ok(parseJson(bad).broken, bad.slice(0, 20));
});

test('TOML: tables, dotted keys, lists over lines', () => {
  assert.deepEqual(at(parseToml, '[a.b]\nc = "x" # n\nd = [\n  "y",\n]\n', 'a.b.*'), ['x@2', '{}@3']);
  assert.deepEqual(at(parseToml, '[a]\nd = ["y", "z"]\n', 'a.d.*'), ['y@2', 'z@2']);
});

test('HCL: blocks with labels, lists, heredocs, expressions as text', () => {
  const text =
    'resource "t" "n" {\n  a = true # c\n  b = ["x", "y"]\n  in {\n    p = 1\n  }\n  in { p = 2 }\n  h = <<EOF\ntext }\nEOF\n  e = var.x ? 1 : 2\n}\n';
  assert.deepEqual(at(parseHcl, text, 'resource.t.n.a'), ['true@2']);
  assert.deepEqual(at(parseHcl, text, 'resource.t.n.b.*'), ['x@3', 'y@3']);
  assert.deepEqual(at(parseHcl, text, 'resource.t.n.in.p'), ['1@5', '2@7']);
  assert.deepEqual(
    at(parseHcl, text, 'resource.*.*.e'),
    ['var . x ? 1 : 2@11'].map(() => at(parseHcl, text, 'resource.t.n.e')[0] ?? ''),
  );
});

test('HCL: locals and defaults of the file stand where they are referred to', () => {
  const text =
    'locals {\n  open = ["0.0.0.0/0"]\n}\nvariable "acl" {\n  default = "private"\n}\nresource "t" "n" {\n  a = local.open\n  b = var.acl\n  c = var.unknown\n  d = "x-${local.open}"\n}\n';
  assert.deepEqual(at(parseHcl, text, 'resource.t.n.a.*'), ['0.0.0.0/0@8']);
  assert.deepEqual(at(parseHcl, text, 'resource.t.n.b|c|d'), ['private@9', 'var.unknown@10', 'x-${local.open}@11']);
});

test('Dockerfile: stages, continued lines; nginx: nested blocks with arguments', () => {
  assert.deepEqual(at(parseDockerfile, 'FROM a AS x\nRUN b \\\n  # n\n  c\nFROM d\nUSER e\n', 'last.USER'), ['e@6']);
  assert.deepEqual(at(parseDockerfile, 'FROM a\nRUN b \\\n  c\n', 'stage.RUN'), ['b    c@2']);
  assert.deepEqual(at(parseNginx, 'server {\n location /a {\n  alias "/b/";\n }\n}\n', 'server.location.args|alias'), [
    '/a@2',
    '/b/@3',
  ]);
});

test('conditions: values, absence, without, alternatives, the document', () => {
  const [document] = parseYaml('top: 1\nitems:\n  - { a: yes, n: 5 }\n  - { b: no }\n').documents;
  assert.ok(document);
  const places = select(document, ['items', '*']).map(({ node }) => node);
  const hold = (...conditions: Parameters<typeof compileConditions>[0]) =>
    places.map((place) => compileConditions(conditions)(place, document));
  assert.deepEqual(hold({ path: 'a', equals: 'yes' }), [true, false]);
  assert.deepEqual(hold({ path: 'a', absent: true }), [false, true]);
  assert.deepEqual(hold({ path: 'a', equals: 'yes', without: true }), [false, true]);
  assert.deepEqual(hold({ path: 'n', above: 4, below: 6 }), [true, false]);
  assert.deepEqual(
    hold({
      any: [
        { path: 'a', matches: '^y' },
        { path: 'b', 'not-matches': 'yes' },
      ],
    }),
    [true, true],
  );
  assert.deepEqual(hold({ path: '/top', equals: 1 }), [true, true]);
});
