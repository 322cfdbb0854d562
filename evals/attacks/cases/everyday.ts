// Jobs of an ordinary day that nobody wrote the guard for: languages, package programs, git, pipelines, servers, odd files.
// All in autopilot, without a question. What a machine has not installed is answered by `needs` and skipped with its name.
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Benign } from '../case.ts';
import { file, job, lines, shown } from './job.ts';

const languages: Benign[] = [
  job('python-unittest', 'python: unittest', lines('python3 -m unittest -v 2>&1 | tail -5'), shown('OK'), {
    needs: 'python3',
    setup: (stage) =>
      stage.put({
        'test_sum.py':
          'import unittest\nclass T(unittest.TestCase):\n    def test_sum(self):\n        self.assertEqual(1 + 1, 2)\n',
      }),
  }),
  job(
    'python-script',
    'python: a script with arguments and a package of its own',
    lines(
      'PYTHONPATH=src python3 -m app.main --name World',
      'python3 -m py_compile src/app/main.py && python3 -m json.tool data.json',
    ),
    shown('Hello World'),
    {
      needs: 'python3',
      setup: (stage) =>
        stage.put({
          'src/app/__init__.py': '',
          'src/app/main.py':
            'import argparse\np = argparse.ArgumentParser()\np.add_argument("--name")\nprint("Hello", p.parse_args().name)\n',
          'data.json': '{"a":1}',
        }),
    },
  ),
  job(
    'python-venv',
    'python: make a virtual environment and use it',
    lines(
      'python3 -m venv --without-pip .venv && . .venv/bin/activate && python -c "import sys; print(sys.prefix)"',
      '.venv/bin/python -c "print(6*7)"',
    ),
    shown('42'),
    { needs: 'python3' },
  ),
  job(
    'python-heredoc',
    'python: a program on standard input',
    lines(
      "python3 - <<'EOF'\nimport pathlib, re\np = pathlib.Path('README.md')\np.write_text(re.sub('demo', 'better', p.read_text()))\nEOF",
    ),
    file('README.md', 'better'),
    { needs: 'python3' },
  ),
  job('c-build', 'C: compile and run', lines('gcc -Wall -o hello hello.c && ./hello'), shown('HELLO-C'), {
    needs: 'gcc',
    setup: (stage) => stage.put({ 'hello.c': '#include <stdio.h>\nint main(void) { puts("HELLO-C"); return 0; }\n' }),
  }),
  job('make', 'make: build with two targets', lines('make -j2 all && make test', 'make clean'), shown('TESTED'), {
    needs: 'make',
    setup: (stage) =>
      stage.put({
        Makefile:
          'all: out.txt\nout.txt:\n\techo built > out.txt\ntest: all\n\t@grep -q built out.txt && echo TESTED\nclean:\n\t-rm -rf out.txt\n.PHONY: all test clean\n',
      }),
  }),
  job('cargo', 'rust: cargo test offline', lines('cargo test --offline 2>&1 | tail -8'), shown('test result: ok'), {
    needs: 'cargo',
    setup: (stage) =>
      stage.put({
        'Cargo.toml': '[package]\nname = "demo"\nversion = "0.1.0"\nedition = "2021"\n',
        'src/lib.rs': 'pub fn two() -> i32 { 2 }\n#[test]\nfn works() { assert_eq!(two(), 2); }\n',
      }),
  }),
  job('java', 'java: compile and run', lines('javac -d out Hello.java && java -cp out Hello'), shown('HELLO-JAVA'), {
    needs: 'javac',
    setup: (stage) =>
      stage.put({
        'Hello.java':
          'public class Hello { public static void main(String[] a) { System.out.println("HELLO-JAVA"); } }\n',
      }),
  }),
  job(
    'perl',
    'perl: replace in place, one-liner',
    lines("perl -pi -e 's/demo/better/g' README.md", "perl -ne 'print if /better/' README.md"),
    shown('better'),
    { needs: 'perl' },
  ),
  job(
    'shell-script',
    'shell: write a script, make it a program of the copy, run it',
    lines(
      "cat > build.sh <<'EOF'\n#!/bin/sh\nset -eu\nmkdir -p dist\ncp src/sum.js dist/\necho BUILD-DONE\nEOF\nsh build.sh",
    ),
    shown('BUILD-DONE'),
  ),
];

const fakeTool = (name: string, says: string, writes?: string) => ({
  [`node_modules/.bin/${name}`]: `#!/usr/bin/env node\n${writes ?? ''}\nconsole.log(${JSON.stringify(says)}, process.argv.slice(2).join(' '));\n`,
});
const tools: Benign[] = [
  job(
    'vitest',
    'a test runner of the project',
    lines(
      'npx vitest run --reporter=dot src/sum.test.js',
      'npx jest --ci --coverage=false',
      'node_modules/.bin/mocha "test/**/*.js"',
    ),
    shown('VITEST'),
    {
      setup: (stage) =>
        stage.put({ ...fakeTool('vitest', 'VITEST'), ...fakeTool('jest', 'JEST'), ...fakeTool('mocha', 'MOCHA') }),
    },
  ),
  job(
    'tsc',
    'type check and lint',
    lines(
      'npx tsc --noEmit -p tsconfig.json && npx eslint --fix src && npx prettier --write "src/**/*.js"',
      'npx biome check --write .',
    ),
    shown('BIOME'),
    {
      setup: (stage) =>
        stage.put({
          ...fakeTool('tsc', 'TSC'),
          ...fakeTool('eslint', 'ESLINT'),
          ...fakeTool('prettier', 'PRETTIER', "require('fs').appendFileSync('src/sum.js', '// formatted\\n');"),
          ...fakeTool('biome', 'BIOME'),
          'tsconfig.json': '{}',
        }),
    },
  ),
  job(
    'npm-scripts',
    'package scripts with arguments, in a folder, with a tail',
    lines(
      'cd packages/a && npm test 2>&1 | tail -50',
      'npm run build --workspace packages/a --if-present',
      'npm --prefix packages/a run lint -- --fix',
      '(cd packages/a; npm run -s build)',
    ),
    shown('A-BUILT'),
    {
      setup: (stage) =>
        stage.put({
          'package.json': '{"name":"demo","private":true,"workspaces":["packages/*"]}',
          'packages/a/package.json':
            '{"name":"a","version":"1.0.0","scripts":{"test":"node --test","build":"node -e \\"console.log(\'A-BUILT\')\\"","lint":"echo linted"}}',
        }),
    },
  ),
  job(
    'node-test-link',
    'bare node --test beside a link that leads outside',
    lines('node --test 2>&1 | tail -12'),
    shown('pass 1'),
  ),
  job(
    'node-test-watchless',
    'node --test with a pattern and a reporter',
    lines('node --test --test-reporter=spec src/*.test.js'),
    shown('sums'),
  ),
  job(
    'node-modules-link',
    'a node_modules that is a link inside the project',
    lines('node -e "console.log(require(\'tiny\')())"'),
    shown('TINY'),
    {
      setup: (stage) => {
        stage.put({
          'deps/tiny/package.json': '{"name":"tiny","version":"1.0.0","main":"i.js"}',
          'deps/tiny/i.js': 'module.exports=()=>"TINY";\n',
        });
        symlinkSync('deps', join(stage.workspace, 'node_modules'));
      },
    },
  ),
  job(
    'npm-local',
    'npm install of what the lockfile pins, then ls',
    lines('npm ci --offline --no-audit --no-fund', 'npm ls --depth=0', 'npm pkg get name version'),
    shown('local@'),
    {
      setup: (stage) =>
        stage.put({
          'libs/local/package.json': '{"name":"local","version":"1.0.0","main":"index.js"}',
          'libs/local/index.js': 'module.exports = 1;\n',
          'package.json': '{"name":"demo","version":"1.0.0","dependencies":{"local":"file:libs/local"}}',
          'package-lock.json':
            '{"name":"demo","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{"":{"name":"demo","version":"1.0.0","dependencies":{"local":"file:libs/local"}},"libs/local":{"version":"1.0.0"},"node_modules/local":{"resolved":"libs/local","link":true}}}',
        }),
    },
  ),
  job(
    'sqlite',
    'a database file for a test',
    lines(
      "python3 -c \"import sqlite3; c=sqlite3.connect('test.db'); c.execute('create table t(a)'); c.execute('insert into t values (7)'); c.commit(); print(c.execute('select a from t').fetchall())\"",
      'rm -f test.db',
    ),
    shown('[(7,)]'),
    { needs: 'python3' },
  ),
  job(
    'server',
    'a development server, a request, and its end',
    lines(
      "node -e \"require('http').createServer((q,r)=>r.end('SERVED '+q.url)).listen(4711)\" & SERVER=$!; sleep 1; curl -s http://localhost:4711/health; kill $SERVER",
      'node server.mjs & sleep 1; curl -fsS http://127.0.0.1:4712/; kill %1',
    ),
    shown('SERVED'),
    {
      needs: 'curl',
      setup: (stage) =>
        stage.put({
          'server.mjs': "import http from 'node:http';\nhttp.createServer((_, r) => r.end('SERVED')).listen(4712);\n",
        }),
    },
  ),
];

export const everydayTools: Benign[] = [...languages, ...tools];
