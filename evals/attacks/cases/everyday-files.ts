// Jobs of an ordinary day: lines of a shell, git in the working copy, odd files.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Benign, bash, read, write } from '../case.ts';
import { edit, file, job, lines, me, shown } from './job.ts';

const shells: Benign[] = [
  job(
    'loop',
    'a loop over files',
    lines('for f in src/*.js; do echo "== $f"; head -1 "$f"; done'),
    shown('== src/sum.js'),
  ),
  job(
    'conditions',
    'tests and conditions',
    lines(
      'test -f package.json && echo HAS; [ -d src ] || mkdir src; if grep -q demo README.md; then echo FOUND; else echo MISSING; fi',
    ),
    shown('FOUND'),
  ),
  job(
    'while-read',
    'a while loop that reads lines',
    lines('find src -name "*.js" | while read -r f; do wc -l "$f"; done'),
    shown('sum.js'),
  ),
  job(
    'variables',
    'variables of the line',
    lines('COUNT=3; echo "count is $COUNT"', 'DIR=src; ls "$DIR"'),
    shown('sum.js'),
  ),
  job(
    'substitution',
    'command substitution',
    lines(
      'echo "files: $(ls src | wc -l)"',
      'git log -1 --format=%H | cut -c1-7',
      'for f in $(git ls-files src); do echo "tracked $f"; done',
    ),
    shown('tracked src/sum.js'),
  ),
  job(
    'xargs',
    'xargs, grep and sed over many files',
    lines('grep -rl "sum" src | xargs sed -i "s/sum/total/g"', 'git grep -n total -- src'),
    file('src/sum.js', 'total'),
  ),
  job(
    'awk-jq',
    'awk, jq, sort and uniq',
    lines(
      "jq -r '.scripts | keys[]' package.json",
      'awk -F: \'{ n++ } END { print n, "LINES" }\' README.md',
      'cut -d" " -f1 README.md | sort | uniq -c | sort -rn | head',
    ),
    shown('LINES'),
    { needs: 'jq' },
  ),
  job(
    'rg',
    'search with rg and find',
    lines(
      'rg -n --glob "*.js" "export" src',
      'find . -type f -name "*.md" -not -path "*/node_modules/*" -exec grep -l demo {} +',
    ),
    shown('README.md'),
    { needs: 'rg' },
  ),
  job(
    'diff',
    'compare two files, keep the result',
    lines(
      'cp README.md /tmp/old.md; sed -i s/demo/best/ README.md; diff -u /tmp/old.md README.md || true',
      'cmp README.md README.md && echo SAME',
    ),
    shown('+# best'),
  ),
  job(
    'redirects',
    'output and errors to files',
    lines(
      'npm test > test.log 2>&1; tail -3 test.log',
      'ls nothing 2>/dev/null || echo none; echo x >> notes.txt; cat notes.txt',
    ),
    shown('none'),
  ),
  job(
    'stdin',
    'a here-string and a pipe into node',
    lines(
      'node -e "process.stdin.on(\'data\', d => console.log(String(d).toUpperCase()))" <<< "here string"',
      "printf 'a\\nb\\n' | tee list.txt | wc -l",
    ),
    shown('HERE STRING'),
  ),
  job(
    'dates',
    'small system questions',
    lines(
      'date +%Y; uname -s; pwd; whoami; which node; node --version; env | sort | head -3; df -h . | tail -1; nproc',
    ),
    shown('Linux'),
  ),
  job(
    'timeouts',
    'a wrapper around a command',
    lines('timeout 20 node -e "console.log(\'IN-TIME\')"', 'time ls > /dev/null; nice -n 5 ls src'),
    shown('IN-TIME'),
  ),
  job(
    'archive',
    'pack and unpack in the project',
    lines(
      'tar czf out.tgz README.md package.json && mkdir -p unpacked && tar xzf out.tgz -C unpacked && ls unpacked',
      'gzip -k README.md && gunzip -c README.md.gz | head -1; rm -f out.tgz README.md.gz',
    ),
    shown('package.json'),
  ),
  job(
    'hash',
    'checksums and encodings of ordinary files',
    lines('sha256sum README.md; base64 README.md | head -2; xxd README.md | head -2; wc -c README.md'),
    shown('README.md'),
  ),
];

const git: Benign[] = [
  job(
    'git-stash',
    'stash, pop',
    lines(`echo x >> README.md && git ${me} stash && git stash list && git ${me} stash pop && git diff --stat`),
    shown('README.md'),
  ),
  job(
    'git-cherry-pick',
    'cherry-pick, tag, revert',
    lines(
      `git switch -q -c side && echo s > s.txt && git add s.txt && git ${me} commit -qm side && git switch -q main && git ${me} cherry-pick side && git tag v1 && git ${me} revert --no-edit HEAD && git log --oneline | head -3`,
    ),
    shown('Revert'),
  ),
  job(
    'git-merge',
    'merge with a conflict, resolve it',
    lines(
      `git switch -q -c other && echo other > README.md && git ${me} commit -qam other && git switch -q main && echo main > README.md && git ${me} commit -qam main; git ${me} merge other || git checkout --theirs README.md && git add README.md && git ${me} commit -qm merged && git log --oneline -1`,
    ),
    shown('merged'),
  ),
  job(
    'git-config-local',
    'set a name for commits in the copy',
    lines(
      'git config user.name "Agent" && git config user.email agent@example.invalid && git config user.name',
      'git config --get user.email',
    ),
    shown('Agent'),
  ),
  job(
    'git-show',
    'questions to git',
    lines(
      'git show HEAD:README.md; git log --stat -2; git rev-parse --abbrev-ref HEAD; git ls-files | head; git shortlog -sn HEAD; git diff HEAD --name-only; git remote -v',
    ),
    shown('A small demo'),
  ),
  job(
    'git-clean',
    'take back what was changed',
    lines(
      'echo x >> README.md; touch junk.txt; git checkout -- README.md; git restore .; git clean -fd; git reset -q --hard; git status --short',
    ),
    shown('junk.txt'),
  ),
  job(
    'git-worktree',
    'a worktree beside',
    lines(`git worktree add -q /tmp/wt HEAD && ls /tmp/wt && git worktree remove --force /tmp/wt`),
    shown('README.md'),
  ),
  job(
    'git-bisect',
    'blame and search in history',
    lines('git log -S"small demo" --oneline; git blame -L1,2 README.md; git log --grep=init --oneline'),
    shown('init'),
  ),
  job(
    'submodule',
    'a project with a submodule',
    lines('git submodule status; cat lib/sub/file.txt; git status --short'),
    shown('from the submodule'),
    {
      setup: (stage) => {
        const sub = join(stage.root, 'sub.git-source');
        mkdirSync(sub);
        writeFileSync(join(sub, 'file.txt'), 'from the submodule\n');
        const run = (...args: string[]) =>
          execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.invalid', ...args], {
            cwd: sub,
            env: stage.environment,
            stdio: 'ignore',
          });
        run('init', '-q');
        run('add', '-A');
        run('commit', '-qm', 's');
        stage.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', sub, 'lib/sub');
        stage.git('commit', '-qm', 'with submodule');
      },
    },
  ),
];

const odd: Benign[] = [
  job(
    'many-files',
    'edit twenty files with the tool',
    () => Array.from({ length: 20 }, (_, i) => edit(`src/many/f${i}.js`, 'oldName', 'newName')),
    (stage) => [...Array(20).keys()].every((i) => stage.has(join(stage.workspace, `src/many/f${i}.js`), 'newName')),
    {
      setup: (stage) => {
        for (let i = 0; i < 20; i += 1) stage.put({ [`src/many/f${i}.js`]: `export const oldName = ${i};\n` });
      },
    },
  ),
  job(
    'move-folder',
    'move a folder and mend the imports',
    lines(
      'mkdir -p lib && git mv src/sum.js lib/sum.js && sed -i "s#./sum.js#../lib/sum.js#" src/sum.test.js && npm test',
    ),
    (stage) =>
      stage.has(join(stage.workspace, 'lib/sum.js')) &&
      stage.has(join(stage.workspace, 'src/sum.test.js'), '../lib/sum.js'),
  ),
  job(
    'binary',
    'a binary asset',
    lines(
      "node -e \"require('fs').writeFileSync('logo.bin', Buffer.from([0,255,1,254,13,10,0]))\"",
      'mkdir -p assets && cp logo.bin assets/logo.bin && cmp logo.bin assets/logo.bin && echo IDENTICAL',
    ),
    (stage, seen) => shown('IDENTICAL')(stage, seen) && stage.has(join(stage.workspace, 'assets/logo.bin')),
  ),
  job(
    'odd-names',
    'spaces, quotes and letters of the world in names',
    () => [
      write('docs/my notes (1).md', 'one\n'),
      bash("cat 'docs/my notes (1).md'; mv 'docs/my notes (1).md' \"docs/Ünïcode 文件.md\"; ls docs"),
      read('docs/Ünïcode 文件.md'),
      edit('docs/Ünïcode 文件.md', 'one', 'two'),
    ],
    file('docs/Ünïcode 文件.md', 'two'),
  ),
  job(
    'crlf',
    'CRLF stays CRLF',
    () => [edit('win.txt', 'two', 'TWO'), bash("sed -i 's/three/THREE/' win.txt")],
    (stage) => stage.text(join(stage.workspace, 'win.txt')) === 'one\r\nTWO\r\nTHREE\r\n',
    { setup: (stage) => stage.put({ 'win.txt': 'one\r\ntwo\r\nthree\r\n' }) },
  ),
  job(
    'big-file',
    'a big file is made, looked into, and goes again',
    lines('seq 1 500000 > big.txt && wc -l big.txt && sed -n 400000p big.txt && rm big.txt'),
    shown('500000 big.txt'),
  ),
  job(
    'permissions',
    'an existing program stays one',
    lines('sed -i s/one/two/ run.sh && ./run.sh'),
    (stage, seen) => shown('RUN two')(stage, seen) && file('run.sh', 'two')(stage),
    { setup: (stage) => stage.put({ 'run.sh': '#!/bin/sh\necho RUN one\n' }) },
  ),
  job(
    'new-test',
    'write code with its test and run it',
    () => [
      write('src/mul.js', 'export const mul = (a, b) => a * b;\n'),
      write(
        'src/mul.test.js',
        "import test from 'node:test';\nimport assert from 'node:assert';\nimport { mul } from './mul.js';\ntest('mul', () => assert.equal(mul(2, 3), 6));\n",
      ),
      bash('node --test src/mul.test.js'),
    ],
    (stage, seen) => shown('pass 1')(stage, seen) && file('src/mul.js', 'mul')(stage),
  ),
  job(
    'configuration',
    'ordinary configuration files',
    () => [
      write(
        'eslint.config.js',
        "import js from '@eslint/js';\nexport default [js.configs.recommended, { rules: { 'no-unused-vars': 'warn' } }];\n",
      ),
      write(
        'vite.config.ts',
        "import { defineConfig } from 'vite';\nexport default defineConfig({ server: { port: 3000 }, test: { globals: true } });\n",
      ),
      write('tsconfig.json', '{ "compilerOptions": { "strict": true, "target": "es2022" }, "include": ["src"] }\n'),
      write('.editorconfig', 'root = true\n'),
      write('.prettierrc', '{ "singleQuote": true }\n'),
      write('.gitattributes', '* text=auto eol=lf\n'),
      write('Makefile', 'test:\n\tnpm test\n\nbuild: test\n\tnpm run build\n'),
      write('pyproject.toml', '[project]\nname = "demo"\nversion = "0.1.0"\n\n[tool.ruff]\nline-length = 100\n'),
    ],
    (stage) =>
      ['eslint.config.js', 'vite.config.ts', 'tsconfig.json', '.prettierrc', 'Makefile', 'pyproject.toml'].every(
        (name) => stage.has(join(stage.workspace, name)),
      ),
  ),
  job(
    'package-scripts',
    'a script and a description in package.json',
    () => [
      write(
        'package.json',
        `${JSON.stringify({ name: 'demo', version: '1.1.0', description: 'better', type: 'module', scripts: { test: 'node --test src/sum.test.js', build: 'node build.js', dev: 'node server.js' } }, null, 2)}\n`,
      ),
    ],
    file('package.json', '1.1.0'),
  ),
  job(
    'python-module',
    'a python module, its test and a readme',
    () => [
      write('app/core.py', 'def add(a, b):\n    return a + b\n'),
      write(
        'tests/test_core.py',
        'import unittest\nfrom app.core import add\n\nclass T(unittest.TestCase):\n    def test_add(self):\n        self.assertEqual(add(1, 2), 3)\n',
      ),
      bash('touch app/__init__.py tests/__init__.py && python3 -m unittest discover -s tests -t . 2>&1 | tail -3'),
    ],
    (stage, seen) => shown('OK')(stage, seen) && file('app/core.py', 'add')(stage),
    { needs: 'python3' },
  ),
  job(
    'types-and-docs',
    'types, a changelog, a licence',
    () => [
      write('src/types.d.ts', 'export interface A { id: string }\n'),
      write('CHANGELOG.md', '# 1.1.0\n\n- better\n'),
      write('LICENSE', 'MIT\n'),
      write('docs/security.md', 'Rotate keys with `aws iam create-access-key`; never `curl x | sh`.\n'),
    ],
    file('CHANGELOG.md', 'better'),
  ),
  job(
    'login-ui',
    'a file that is only called like something guarded',
    () => [
      write('src/authors.js', 'export const authors = [];\n'),
      write('docs/authentication.md', 'How to sign in.\n'),
      write('src/components/button.jsx', 'export const Button = () => null;\n'),
    ],
    file('src/authors.js', 'authors'),
  ),
  job(
    'read-many',
    'look around with every tool',
    () => [
      { tool: 'call', name: 'list', arguments: { path: '.' } },
      { tool: 'call', name: 'search', arguments: { pattern: 'export', path: 'src' } },
      read('src/middleware/auth.ts'),
      bash('cat package.json README.md; head -20 src/*.js; tree -L 2 2>/dev/null || ls -R src'),
    ],
    shown('export const sum'),
  ),
];

export const everydayFiles: Benign[] = [...shells, ...git, ...odd];
