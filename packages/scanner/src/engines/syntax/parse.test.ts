import assert from 'node:assert/strict';
import { test } from 'node:test';
import { embeddedScripts } from './embedded.ts';
import { lineTable } from './lines.ts';
import { parseScript } from './parse.ts';
import { parsePython } from './python/parse.ts';

test('JavaScript with JSX, TypeScript and decorators parse under any name', () => {
  assert.equal(parseScript('a.js', 'const x = <p>{y}</p>;')?.program.body.length, 1);
  assert.equal(parseScript('a.js', 'const x: string = 1;')?.program.body.length, 1);
  assert.equal(parseScript('a.ts', 'const x = <any>y; class A { @Get() m(@Body() b: B) {} }')?.program.body.length, 2);
  assert.equal(parseScript('a.ts', '#!/usr/bin/env node\nfoo();')?.program.body.length, 1);
});

test('an unreadable line is cut out and named, the rest stays at its place', () => {
  const parsed = parseScript('a.js', 'const a = 1;\nfoo(;\nconst b = 2;\n');
  assert.deepEqual(parsed?.skipped, [2]);
  assert.deepEqual(
    parsed?.program.body.map((statement) => statement.start),
    [0, 19],
  );
});

test('what no repair helps is not parsed', () => {
  assert.equal(parseScript('a.js', '%%%\n((( }}}\n'.repeat(40)), undefined);
});

test('scripts of a page keep their lines', () => {
  const page = '<html>\n<script>\nfoo();\n</script>\n<script type="application/json">{"a":1}</script>\n</html>\n';
  const script = embeddedScripts('html', page) ?? '';
  assert.equal(script.length, page.length);
  assert.equal(script.split('\n')[2], 'foo();');
  assert.ok(!script.includes('"a"'));
  assert.equal(embeddedScripts('html', '<p>no script</p>'), undefined);
});

test('lines and columns count from one', () => {
  const table = lineTable('ab\ncd\n');
  assert.deepEqual(table.at(0), { line: 1, column: 1 });
  assert.deepEqual(table.at(4), { line: 2, column: 2 });
});

test('Python becomes the same tree: imports, decorators, keyword arguments, comprehensions', () => {
  const { program } = parsePython(
    'from a.b import c as d\n@app.get("/x")\ndef f(x: int = 1):\n    return [g(y, z=1) for y in x]\n',
  );
  const [imported, declared] = program.body;
  assert.equal(imported?.type, 'ImportDeclaration');
  assert.ok(declared?.type === 'FunctionDeclaration');
  assert.equal(declared.decorators?.length, 1);
  assert.equal(declared.params[0]?.type, 'AssignmentPattern');
  assert.ok(declared.body?.type === 'BlockStatement');
  const returned = declared.body.body[0];
  assert.ok(returned?.type === 'ReturnStatement' && returned.argument?.type === 'CallExpression');
});

test('names of an import of Python over several lines: comments and the last comma are none of them', () => {
  const { program } = parsePython('from a.b import (\n    c,  # noqa: F401, used elsewhere\n    d as e,\n)\n');
  const [imported] = program.body;
  assert.ok(imported?.type === 'ImportDeclaration');
  assert.deepEqual(
    imported.specifiers.map(({ local }) => local.name),
    ['c', 'e'],
  );
});

test('broken Python still gives its readable statements', () => {
  const { program } = parsePython('def f(:\n  x = (\n\ndb.execute("x")\n');
  assert.ok(program.body.length > 0);
});
