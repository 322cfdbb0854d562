import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCatalogSources } from '../../../../../test/support/catalog.ts';
import { readRules } from '../../catalog.ts';
import { scanTexts } from '../../prove.ts';
import { createScanner } from '../../scanner.ts';

const catalog = readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks'));
const scanner = await createScanner({
  ...catalog,
  rules: catalog.rules.filter((rule) => ['flow', 'syntax', 'routes', 'access'].includes(rule.engine)),
});

function scan(files: Record<string, string>) {
  const { findings, gaps } = scanTexts(scanner, new Map(Object.entries(files)));
  return { said: findings.map(({ ruleId, file, line }) => `${ruleId} ${file}:${line}`), gaps };
}

test('a flow over three files is reported once, at the sink, with the place it came from', () => {
  const { findings } = scanTexts(
    scanner,
    new Map([
      [
        'src/routes.js',
        "const { load } = require('./pages');\nmodule.exports = (req, res) => load(req.query.url, res);\n",
      ],
      [
        'src/pages.js',
        "const { fetchPage } = require('./http');\nexports.load = (address, res) => fetchPage(address).then((p) => res.json(p));\n",
      ],
      ['src/http.js', "const axios = require('axios');\nexports.fetchPage = (url) => axios.get(url);\n"],
    ]),
  );
  assert.deepEqual(
    findings.map(({ ruleId, file, line }) => `${ruleId} ${file}:${line}`),
    ['ssrf src/http.js:2'],
  );
  assert.equal(findings[0]?.evidence?.[0]?.file, 'src/routes.js');
});

test('a check in the caller keeps the sink in another file quiet', () => {
  const { said } = scan({
    'src/routes.js':
      "const { get } = require('./http');\nmodule.exports = (req, res) => {\n  if (!['a.example'].includes(new URL(req.query.url).host)) return res.end();\n  get(req.query.url);\n};\n",
    'src/http.js': "const axios = require('axios');\nexports.get = (url) => axios.get(url);\n",
  });
  assert.deepEqual(said, []);
});

test('what is taken out of a text is harmless where the expression lets nothing else through', () => {
  const { said } = scan({
    'src/a.js': [
      "const cp = require('child_process');",
      'module.exports = (req, res) => {',
      '  const id = /^\\/([\\w-]+)\\/(\\d{1,3})$/.exec(req.url)?.[1];',
      "  cp.exec('ls ' + id);",
      '  const [, page] = req.url.match(/page=(\\d+)/) ?? [];',
      "  cp.exec('ls ' + page);",
      '  const [, name] = req.url.match(/name=([\\w.;-]+)/) ?? [];',
      "  cp.exec('ls ' + name);",
      '  const whole = /^(\\w+);.*$/.exec(req.url);',
      "  cp.exec('ls ' + whole[1]);",
      "  cp.exec('ls ' + whole[0]);",
      "  for (const each of req.url.match(/(\\w);/g) ?? []) cp.exec('ls ' + each);",
      '};',
    ].join('\n'),
  });
  assert.deepEqual(
    said,
    [8, 11, 12].map((line) => `command-injection src/a.js:${line}`),
  );
});

test('a function that is handed in is told what it is called with, and no more', () => {
  const said = (given: string) =>
    scan({
      'src/server.js': [
        "const cp = require('child_process');",
        'function read(req, done) {',
        "  let body = '';",
        "  req.on('data', (chunk) => { body += chunk; });",
        `  req.on('end', () => done(${given}));`,
        '}',
        'module.exports = (req, res) => {',
        '  read(req, (data) => {',
        "    cp.exec('ls ' + data);",
        '  });',
        '};',
      ].join('\n'),
    }).said;
  assert.deepEqual(said('body'), ['command-injection src/server.js:9']);
  assert.deepEqual(said('body.length'), []);
});

test('values of params, and what comes with events of a connection, are sent by others', () => {
  const { said } = scan({
    'src/app.js': [
      "const express = require('express');",
      "const cp = require('child_process');",
      'const app = express();',
      "app.param('id', (req, res, next, id) => { cp.exec('ls ' + id); next(); });",
      'module.exports = (io) => {',
      "  io.on('connection', (socket) => {",
      "    socket.on('run', (order) => cp.exec('ls ' + order.path));",
      '  });',
      '};',
    ].join('\n'),
  });
  assert.deepEqual(said, ['command-injection src/app.js:4', 'command-injection src/app.js:7']);
});

test('a text of a request is no object in another file either, a part of its body is', () => {
  const files = (part: string) => ({
    'src/routes.js': `const { load } = require('./users');\nmodule.exports = (req, res) => load(req.${part}.id).then((u) => res.json(u));\n`,
    'src/users.js': "const { User } = require('./models');\nexports.load = (id) => User.findOne({ id });\n",
  });
  assert.deepEqual(scan(files('params')).said, []);
  assert.deepEqual(scan(files('body')).said, ['nosql-injection src/users.js:2']);
});

test('data survives destructuring, spread, templates, await, callbacks and aliases', () => {
  const sinks = [
    'const { a: { b } } = req.body; cp.exec(b);',
    'const o = { ...req.query }; cp.exec(o.x);',
    'const [first] = req.body.list; cp.exec(`ls ${first}`);',
    'const r = cp.exec; r(req.query.x);',
    'req.body.items.forEach((item) => cp.exec(item.name));',
    'Promise.resolve(req.body.x).then((x) => cp.exec(x));',
    'let s = "ls "; s += req.query.x; cp.exec(s);',
    'const f = (x) => "ls " + x; cp.exec(f(req.query.x));',
    'cp.exec.call(cp, "ls " + req.query.x);',
    'cp.exec.apply(cp, ["ls " + req.query.x]);',
    'cp.exec(["ls", req.query.x].reduce((a, b) => a + " " + b));',
    'const m = /^.(.*)$/.exec(req.url); cp.exec("ls " + m[1]);',
    'const all = []; for await (const c of req) all.push(c); cp.exec("ls " + Buffer.concat(all).toString());',
    'const hand = (v, done) => done(v.x); hand(req.query, (x) => cp.exec("ls " + x));',
    'let last = ""; for (let i = 0; i < 9; i++) { cp.exec(last); last = req.query.x; }',
    'let a = "", b = ""; while (go()) { cp.exec("ls " + b); b = a; a = req.body.x; if (n++ > 2) break; b = b + a; }',
    'const o = {}; for (const k of list) { if (o.x) cp.exec(o.x); o.x = req.query[k]; }',
    'let run = () => {}; for (const x of list) { run(req.query.x); run = (y) => cp.exec(y); }',
    'const x = await wrap(); cp.exec([req.query.x, x].join(" "));',
  ];
  for (const sink of sinks) {
    const { said } = scan({
      'a.js': `const cp = require('child_process');\nmodule.exports = async (req, res) => {\n${sink}\n};\n`,
    });
    assert.deepEqual(said, ['command-injection a.js:3'], sink);
  }
});

test('checks make data safe in the branch where they hold, and only there', () => {
  const body = (code: string) =>
    `const cp = require('child_process');\nmodule.exports = (req, res) => {\nconst x = req.query.x;\n${code}\n};\n`;
  const safe = [
    'if (!/^[a-z]+$/.test(x)) return; cp.exec(x);',
    'if (LIST.includes(x)) { cp.exec(x); }',
    'switch (x) { case "a": cp.exec(x); break; }',
    'const y = x === "a" ? x : "b"; cp.exec(y);',
    'assertSafe(x); cp.exec(x);',
    'cp.exec("head -n " + parseInt(x, 10));',
  ];
  for (const code of safe) assert.deepEqual(scan({ 'a.js': body(code) }).said, [], code);
  const open = [
    'if (LIST.includes(x)) { log(); } cp.exec(x);',
    'if (!LIST.includes(x)) { cp.exec(x); }',
    'if (/[a-z]/.test(x)) cp.exec(x);',
  ];
  for (const code of open) assert.equal(scan({ 'a.js': body(code) }).said.length, 1, code);
});

test('hostile files end, and what was not followed is a gap', () => {
  const bombs: Record<string, string> = {
    'deep.js': `const cp = require('child_process'); cp.exec(${'('.repeat(3000)}1${')'.repeat(3000)});`,
    'chain.js': `eval(${'"a" + '.repeat(20_000)}b);`,
    'members.js': `exec(a${'.b'.repeat(5000)});`,
    'calls.js': `exec(a${'()'.repeat(3000)});`,
    'nested.js': `${'for (const a of b) { exec(a); '.repeat(60)}${'}'.repeat(60)}`,
    'functions.js': `${'[1].map((x) => { exec(x); '.repeat(60)}${'})'.repeat(60)}`,
    'regex.js': `const a = /${'(a+)+'.repeat(60)}$/;`,
    'utf8.js': 'exec("\uFFFD\uD800" + x);',
    'deep.py': `eval(${'('.repeat(3000)}1${')'.repeat(3000)})`,
    'broken.js': 'exec(((((\n'.repeat(50),
    'open.sql': `create table a (${"'".repeat(1001)}`,
    'open.rules': 'match /a/{b { allow write: if '.repeat(200),
  };
  for (const [file, text] of Object.entries(bombs)) scan({ [file]: text });
  assert.deepEqual(
    scan({ 'broken.js': bombs['broken.js'] ?? '' }).gaps.map(({ reason }) => reason),
    ['the code cannot be parsed'],
  );
  const huge = scan({ 'huge.js': `${'eval(a);\n'.repeat(180_000)}` });
  assert.match(huge.gaps[0]?.reason ?? '', /too large/);
});

test('a bundle on one line is left to what it was made from', () => {
  assert.deepEqual(scan({ 'bundle.js': `eval(location.hash);${'x();'.repeat(10_000)}` }).said, []);
});
