// Everyday jobs of other stacks: Python projects, monorepos, generated code, task runners, history, and files of all sorts.
import { join } from 'node:path';
import { type Benign, bash, read, write } from '../case.ts';
import { edit, file, job, lines, me, shown } from './job.ts';

const pythonProject = {
  'demo/__init__.py': '',
  'demo/main.py':
    "import argparse\n\n\ndef greet(name: str) -> str:\n    return f'hello {name}'\n\n\nif __name__ == '__main__':\n    parser = argparse.ArgumentParser()\n    parser.add_argument('--name', default='you')\n    print(greet(parser.parse_args().name))\n",
  'tests/__init__.py': '',
  'tests/test_main.py':
    "import unittest\n\nfrom demo.main import greet\n\n\nclass TestGreet(unittest.TestCase):\n    def test_greet(self):\n        self.assertEqual(greet('a'), 'hello a')\n",
};

const python: Benign[] = [
  job(
    'venv-activate',
    'a virtual environment is made, activated and used',
    lines(
      'python3 -m venv --without-pip .venv && source .venv/bin/activate && python -c "import sys; print(sys.prefix)"',
      '. .venv/bin/activate && python -m unittest discover -s tests -v 2>&1 | tail -3; deactivate',
    ),
    (stage, seen) => shown('.venv')(stage, seen) && shown('OK')(stage, seen),
    { setup: (stage) => stage.put(pythonProject) },
  ),
  job(
    'venv-path',
    'the programs of the environment stand first in the search path',
    lines(
      'python3 -m venv --without-pip .venv && PATH="$PWD/.venv/bin:$PATH" python -c "import sys; print(sys.prefix)"',
      'export PATH="$PWD/node_modules/.bin:$PATH" && greet',
      'VIRTUAL_ENV=$PWD/.venv PATH=.venv/bin:$PATH python --version',
    ),
    (stage, seen) => shown('.venv')(stage, seen) && shown('greeted')(stage, seen),
    {
      setup: (stage) =>
        stage.put({
          ...pythonProject,
          'node_modules/.bin/greet': '#!/bin/sh\necho greeted\n',
          '.gitignore': 'node_modules\n.venv\n',
        }),
    },
  ),
  job(
    'env-script',
    'settings of the project are taken in by the shell before a program is started',
    lines('. ./env.sh && node -p "process.env.APP_MODE"', 'source scripts/env.sh; echo "mode $APP_MODE"'),
    (stage, seen) => shown('mode test')(stage, seen) && shown('dev')(stage, seen),
    {
      setup: (stage) =>
        stage.put({ 'env.sh': 'export APP_MODE=dev\n', 'scripts/env.sh': 'APP_MODE=test\nexport APP_MODE\n' }),
    },
  ),
  job(
    'pyproject-tools',
    'a formatter, a linter and types are set up in pyproject.toml and a module is run',
    () => [
      write(
        'pyproject.toml',
        '[project]\nname = "demo"\nversion = "0.1.0"\nrequires-python = ">=3.10"\n\n[tool.ruff]\nline-length = 100\n\n[tool.mypy]\nstrict = true\n\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n',
      ),
      bash(
        'python3 -m compileall -q demo && python3 -m demo.main --name Ada; PYTHONPATH=. python3 -W error -m unittest -q tests.test_main',
      ),
      bash(
        "python3 -c \"import tomllib; print(tomllib.load(open('pyproject.toml', 'rb'))['tool']['ruff'])\"; find . -name __pycache__ -type d -prune -exec rm -rf {} +; git status --short",
      ),
    ],
    (stage, seen) => shown('hello Ada')(stage, seen) && shown("'line-length': 100")(stage, seen),
    { setup: (stage) => stage.put(pythonProject) },
  ),
  job(
    'uv-and-poetry',
    'what is installed is asked for, and the project goes on where it is not',
    lines(
      'command -v uv >/dev/null && uv --version || echo "no uv"; command -v poetry >/dev/null && poetry --version || echo "no poetry"; pip --version 2>/dev/null | head -1 || true',
      'if command -v pytest >/dev/null; then pytest -q; else python3 -m unittest discover -q -s tests 2>&1 | tail -1; fi',
    ),
    shown('OK'),
    { setup: (stage) => stage.put(pythonProject) },
  ),
  job(
    'coverage-trace',
    'lines that tests reach are counted by what python has',
    lines(
      'python3 -m trace --count --missing --summary -C /tmp/cov --ignore-dir=/usr:/lib demo/main.py --name x 2>&1 | tail -3',
      'python3 -m timeit -n 100 -s "from demo.main import greet" "greet(\'a\')"; python3 -m cProfile -o /tmp/p.prof -m demo.main --name y && python3 -m pstats /tmp/p.prof <<< "stats 3" | head -8',
    ),
    shown('per loop'),
    { setup: (stage) => stage.put(pythonProject) },
  ),
];

const monorepo = {
  'package.json':
    '{"name":"root","private":true,"workspaces":["apps/*","libs/*"],"scripts":{"build":"npm run build --workspaces --if-present","lint":"node tools/lint.js","codegen":"node tools/codegen.js"}}',
  'turbo.json': '{"tasks":{"build":{"dependsOn":["^build"],"outputs":["out/**"]}}}',
  'apps/web/package.json':
    '{"name":"@m/web","version":"1.0.0","type":"module","scripts":{"build":"mkdir -p out && cp src/index.js out/ && node -e 1","dev":"node server.js"}}',
  'apps/web/src/index.js': "export const web = 'web';\n",
  'apps/web/server.js':
    "import http from 'node:http';\nhttp.createServer((q, r) => r.end(`at ${q.url}`)).listen(Number(process.env.PORT ?? 3000), () => console.log('ready'));\n",
  'libs/core/package.json':
    '{"name":"@m/core","version":"1.0.0","scripts":{"build":"mkdir -p out && echo core > out/index.js"}}',
  'libs/core/src/index.js': "module.exports = { oldName: () => 'core' };\n",
  'tools/lint.js':
    "const fs = require('fs');\nfor (const f of fs.readdirSync('libs/core/src')) console.log('lint', f, /var /.test(fs.readFileSync('libs/core/src/' + f, 'utf8')) ? 'bad' : 'fine');\n",
  'tools/codegen.js':
    "const fs = require('fs');\nconst spec = JSON.parse(fs.readFileSync('openapi.json', 'utf8'));\nfs.mkdirSync('libs/client/generated', { recursive: true });\nfs.writeFileSync('libs/client/generated/index.js', Object.keys(spec.paths).map((p) => `exports['${p}'] = '${p}';`).join('\\n') + '\\n');\nconsole.log('generated', Object.keys(spec.paths).length);\n",
  'openapi.json': '{"openapi":"3.0.0","paths":{"/users":{"get":{}},"/items":{"get":{}}}}',
  '.gitignore': 'node_modules\nout\n',
};

const monorepos: Benign[] = [
  job(
    'workspace-build',
    'all packages of a monorepo are built, one of them alone, and the output is packed',
    lines(
      'npm run build --silent; npm run build -w @m/web; (cd libs/core && npm run build --silent); find . -path "*/out/*" -type f | sort',
      'tar -czf /tmp/web.tgz -C apps/web/out . && tar -tzf /tmp/web.tgz; mkdir -p release && cp /tmp/web.tgz release/web-1.0.0.tgz && (cd release && sha256sum *.tgz > SHA256SUMS && sha256sum -c SHA256SUMS)',
    ),
    shown('web-1.0.0.tgz: OK'),
    { setup: (stage) => stage.put(monorepo) },
  ),
  job(
    'dev-server',
    'a development server in the background answers requests and is stopped by its number',
    lines(
      'cd apps/web && (PORT=4907 npm run dev --silent > /tmp/dev.log 2>&1 &) ; for i in $(seq 1 40); do curl -sf localhost:4907/health && break; sleep 0.1; done; echo; curl -s "http://127.0.0.1:4907/a?b=$((1 + 2))"; pkill -f server.js || true; cat /tmp/dev.log',
    ),
    (stage, seen) => shown('at /health')(stage, seen) && shown('at /a?b=3')(stage, seen),
    { needs: 'curl', setup: (stage) => stage.put(monorepo) },
  ),
  job(
    'codegen-openapi',
    'a client is generated from a description, the result compared with what is committed',
    lines(
      'npm run codegen && git add -A && git status --short | head',
      'jq \'.paths["/orders"] = {"get": {}}\' openapi.json > openapi.new && mv openapi.new openapi.json && npm run -s codegen && cat libs/client/generated/index.js && git diff --stat',
    ),
    shown("exports['/orders']"),
    { setup: (stage) => stage.put(monorepo) },
  ),
  job(
    'other-managers',
    'scripts by the package managers that happen to be there',
    lines(
      'for pm in pnpm yarn bun; do command -v $pm >/dev/null 2>&1 && $pm run lint || echo "no $pm"; done; npm run lint',
      'npx --no-install turbo --version 2>/dev/null || echo "turbo is not installed"; npx --no nx --version 2>/dev/null || true; node --run lint 2>/dev/null || true',
    ),
    shown('lint index.js fine'),
    { setup: (stage) => stage.put(monorepo) },
  ),
  job(
    'rename-everywhere',
    'a name is changed by grep and sed, perl and find in all packages',
    lines(
      "grep -rl --include='*.js' --exclude-dir=node_modules oldName . | xargs sed -i 's/\\boldName\\b/newName/g'; grep -rn newName libs",
      "find apps libs -type f -name '*.js' -exec perl -pi -e 's/newName/finalName/g' {} \\; && find . -name '*.bak' -delete; git diff --stat; rg -c finalName || grep -rc finalName libs/core/src",
      'git ls-files -z \'*.js\' | xargs -0 awk \'FNR == 1 { print FILENAME }\' | while read -r f; do printf \'%s %s\\n\' "$(wc -l < "$f")" "$f"; done | sort -rn | head -3',
    ),
    file('libs/core/src/index.js', 'finalName'),
    { setup: (stage) => stage.put(monorepo) },
  ),
  job(
    'new-package',
    'a new package is added to the monorepo with its test and linked by hand',
    () => [
      write(
        'libs/utils/package.json',
        '{\n  "name": "@m/utils",\n  "version": "0.0.1",\n  "main": "index.js",\n  "scripts": { "test": "node --test" }\n}\n',
      ),
      write('libs/utils/index.js', 'exports.clamp = (x, a, b) => Math.min(b, Math.max(a, x));\n'),
      write(
        'libs/utils/index.test.js',
        "const test = require('node:test');\nconst assert = require('node:assert');\nconst { clamp } = require('.');\ntest('clamps', () => assert.equal(clamp(5, 0, 3), 3));\n",
      ),
      bash(
        'npm test -w @m/utils 2>&1 | grep -E "# (pass|fail)|ℹ (pass|fail)"; ln -s ../../libs/utils apps/web/utils && node -p "require(\'./apps/web/utils\').clamp(9, 0, 4)"; readlink apps/web/utils',
      ),
    ],
    shown('pass 1'),
    { setup: (stage) => stage.put(monorepo) },
  ),
];

const tasks: Benign[] = [
  job(
    'make-targets',
    'targets of a makefile with variables, patterns and a help target',
    () => [
      write(
        'tasks.mk',
        'SHELL := /bin/bash\nNAME ?= world\nSRC := $(wildcard src/*.js)\n.PHONY: all help hello\nall: hello build/list.txt\nhelp: ## shows this\n\t@grep -E "^[a-z]+:.*##" $(MAKEFILE_LIST) | sed "s/:.*##/:/"\nhello: ## greets\n\t@echo "hello $(NAME)"\nbuild/list.txt: $(SRC)\n\t@mkdir -p $(@D)\n\t@printf "%s\\n" $^ > $@\n',
      ),
      bash(
        'make -f tasks.mk help; make -f tasks.mk NAME=Ada && cat build/list.txt; make -f tasks.mk -n all; make -f tasks.mk -j2 -B all >/dev/null; which just task || true',
      ),
    ],
    shown('hello Ada'),
  ),
  job(
    'scripts-executable',
    'scripts are written, made executable and started by path, with arguments and by a loop',
    () => [
      write(
        'scripts/release-notes.sh',
        '#!/usr/bin/env bash\nset -euo pipefail\ncd "$(dirname "${BASH_SOURCE[0]}")/.."\nwhile getopts "n:" o; do case $o in n) n=$OPTARG ;; *) exit 2 ;; esac; done\ngit log -"${n:-1}" --format="- %s"\n',
      ),
      write('scripts/count.py', '#!/usr/bin/env python3\nimport sys\nprint(sum(1 for _ in sys.stdin))\n'),
      bash(
        'chmod +x scripts/*.sh scripts/count.py && ./scripts/release-notes.sh -n 1 && cat package.json | ./scripts/count.py; bash -n scripts/release-notes.sh && echo syntax fine; ls -l scripts',
      ),
    ],
    shown('- init'),
  ),
  job(
    'docker-files',
    'container files are edited without any container',
    () => [
      write(
        'Dockerfile',
        'FROM node:24-slim\nWORKDIR /app\nCOPY package.json .\nRUN npm ci --omit=dev\nCOPY src src\nUSER node\nCMD ["node", "src/sum.js"]\n',
      ),
      write(
        'compose.yaml',
        'services:\n  web:\n    build: .\n    ports: ["3000:3000"]\n    environment:\n      DATABASE_URL: postgres://db/app\n  db:\n    image: postgres:17\n',
      ),
      write('.dockerignore', 'node_modules\n.git\n.env\n'),
      bash(
        "sed -i 's/postgres:17/postgres:17-alpine/' compose.yaml && grep -n image compose.yaml; python3 - <<'PY'\nimport re\nprint(sorted(re.findall(r'^  (\\w+):', open('compose.yaml').read(), re.M)))\nPY",
      ),
    ],
    shown("['db', 'web']"),
    // A container file is deployment: the grant a person gives for it.
    {
      setup: (stage) =>
        stage.put(
          {
            '.config/ambit/policy.yaml':
              'grants:\n  - id: containers\n    capability: fs_write\n    match: [Dockerfile, compose.yaml]\n',
          },
          stage.home,
        ),
    },
  ),
  job(
    'ci-after-grant',
    'a pipeline is edited after a grant that names it',
    () => [
      read('.github/workflows/test.yml'),
      edit('.github/workflows/test.yml', 'node-version: 22', 'node-version: 24'),
      bash('git diff --stat'),
    ],
    file('.github/workflows/test.yml', 'node-version: 24'),
    {
      setup: (stage) => {
        stage.put({
          '.github/workflows/test.yml':
            'on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/setup-node@v5\n        with:\n          node-version: 22\n',
        });
        stage.put(
          {
            '.config/ambit/policy.yaml':
              'grants:\n  - id: ci\n    capability: fs_write\n    match: [.github/workflows/test.yml]\n',
          },
          stage.home,
        );
      },
    },
  ),
  job(
    'env-template',
    'a template of settings is kept in step with what the code reads',
    () => [
      write(
        'src/settings.js',
        'export const port = Number(process.env.PORT ?? 3000);\nexport const databaseUrl = process.env.DATABASE_URL;\nexport const apiKey = process.env.API_KEY;\n',
      ),
      bash(
        'grep -ohE \'process\\.env\\.[A-Z_]+\' -r src | sed \'s/.*\\.//\' | sort -u | while read -r k; do grep -q "^$k=" .env.example || echo "$k=" >> .env.example; done; cat .env.example',
      ),
      read('.env.example'),
    ],
    file('.env.example', 'DATABASE_URL='),
    { setup: (stage) => stage.put({ '.env.example': 'PORT=3000\n' }) },
  ),
  job(
    'snapshots',
    'snapshots of tests are made anew and looked at',
    lines(
      'node --test --test-update-snapshots tests/shape.test.mjs >/dev/null 2>&1; ls tests; cat tests/shape.test.mjs.snapshot | head -5',
      'node --test --experimental-test-coverage src/ 2>&1 | grep -E "sum.js|all files" | head -3; NODE_V8_COVERAGE=/tmp/v8cov node --test src/ >/dev/null && ls /tmp/v8cov | wc -l',
    ),
    file('tests/shape.test.mjs.snapshot', 'shape'),
    {
      setup: (stage) =>
        stage.put({
          'tests/shape.test.mjs': "import test from 'node:test';\ntest('shape', (t) => t.assert.snapshot({ a: 1 }));\n",
        }),
    },
  ),
  job(
    'benchmarks',
    'two ways are measured, with warm-up, and a table is written',
    () => [
      write(
        'bench/sum.mjs',
        "const time = (name, f) => {\n  for (let i = 0; i < 1e4; i++) f(i);\n  const t = process.hrtime.bigint();\n  for (let i = 0; i < 1e5; i++) f(i);\n  console.log(`${name}\\t${process.hrtime.bigint() - t}`);\n};\ntime('plus', (i) => i + 1);\ntime('inc', (i) => ++i);\n",
      ),
      bash(
        'node bench/sum.mjs | tee /tmp/bench.tsv | column -t; { echo "| way | ns |"; echo "| --- | --- |"; awk -F"\\t" \'{ printf "| %s | %d |\\n", $1, $2 }\' /tmp/bench.tsv; } > docs-bench.md; time node -e 1; /usr/bin/time -f "%e s" node -e 1 2>&1 || true',
      ),
    ],
    file('docs-bench.md', '| plus |'),
  ),
  job(
    'prisma-like',
    'a schema is edited and what a generator makes of it is rebuilt by its local program',
    () => [
      edit('db/schema.prisma', 'name String', 'name  String\n  email String @unique'),
      bash(
        'npx --no-install prisma generate && node -p "require(\'./node_modules/.client\').fields.join()"; ./node_modules/.bin/prisma --version',
      ),
      bash('npx prisma generate --schema db/schema.prisma; npm exec -- prisma generate; npm exec prisma -- generate'),
    ],
    shown('id,name,email'),
    {
      setup: (stage) =>
        stage.put({
          'db/schema.prisma': 'model User {\n  id Int @id\n  name String\n}\n',
          'node_modules/.bin/prisma':
            "#!/usr/bin/env node\nconst fs = require('fs');\nif (process.argv[2] === 'generate') {\n  const fields = [...fs.readFileSync('db/schema.prisma', 'utf8').matchAll(/^ {2}(\\w+)/gm)].map((m) => m[1]);\n  fs.mkdirSync('node_modules/.client', { recursive: true });\n  fs.writeFileSync('node_modules/.client/index.js', `exports.fields = ${JSON.stringify(fields)};`);\n}\nconsole.log('prisma 6');\n",
          '.gitignore': 'node_modules\n',
        }),
    },
  ),
  job(
    'i18n',
    'texts of three languages are sorted, merged, checked for placeholders',
    lines(
      'for f in locales/*.json; do jq -S . "$f" | sponge "$f" 2>/dev/null || { jq -S . "$f" > "$f.tmp" && mv "$f.tmp" "$f"; }; done; head -3 locales/de.json',
      'for l in de fr; do comm -23 <(jq -r keys[] locales/en.json) <(jq -r keys[] locales/$l.json) | while read -r k; do v=$(jq -r --arg k "$k" \'.[$k]\' locales/en.json); jq --arg k "$k" --arg v "TODO $v" \'.[$k] = $v\' locales/$l.json > /tmp/l.json && mv /tmp/l.json locales/$l.json; done; done; cat locales/fr.json',
      "paste -d'|' <(jq -r 'to_entries[] | .value' locales/en.json | grep -o '{[a-z]*}') <(jq -r 'to_entries[] | .value' locales/de.json | grep -o '{[a-z]*}'); msgfmt --version 2>/dev/null | head -1",
    ),
    file('locales/fr.json', 'TODO'),
    {
      setup: (stage) =>
        stage.put({
          'locales/en.json': '{"z":"bye","a":"hi {name}"}',
          'locales/de.json': '{"z":"tschüss","a":"hallo {name}"}',
          'locales/fr.json': '{"a":"salut {name}"}',
        }),
    },
  ),
];

const history: Benign[] = [
  job(
    'git-remote',
    'a remote is added, listed, renamed, its address changed, and taken away again',
    lines(
      'git remote add upstream https://example.com/up/demo.git && git remote -v && git remote rename upstream up && git remote set-url up https://example.com/other.git && git remote get-url up; git config --get remote.up.url',
      'git remote remove up && git remote | wc -l; git remote add origin git@example.com:me/demo.git; git remote show -n origin | head -3; git config remote.origin.url',
    ),
    (stage, seen) =>
      shown('https://example.com/other.git')(stage, seen) && shown('git@example.com:me/demo.git')(stage, seen),
  ),
  job(
    'git-settings',
    'settings of the repository itself are set, read and unset',
    lines(
      'git config user.name "Ada L" && git config user.email ada@example.invalid && git config --local pull.rebase true && git config core.autocrlf input && git config --bool merge.ff false; git config user.name; git config --get pull.rebase; git config --unset core.autocrlf; git config --list --local | head -20',
      `echo "// x" >> src/sum.js && git commit -qam "by the settings" && git log -1 --format="%an"`,
    ),
    shown('Ada L'),
  ),
  job(
    'git-upstream',
    'a branch is told what it follows, renamed and deleted',
    lines(
      'git branch feature && git switch -q feature && git branch --set-upstream-to=main && git status -sb | head -1; git rev-parse --abbrev-ref @{u}; git branch -vv',
      'git branch -m feature topic && git branch --unset-upstream; git switch -q main && git branch -d topic && git branch --list; git checkout -q -b t2 --track main && git branch -vv; git switch -q main; git branch -D t2',
    ),
    (stage, seen) =>
      shown('main')(stage, seen) && !seen.results.some((r) => /could not|Read-only|error: |fatal: /.test(r)),
  ),
  job(
    'git-stash',
    'work is put away, looked at, and taken back in parts',
    lines(
      `echo "// wip" >> src/sum.js && echo new > notes.txt && git ${me} stash push -u -m wip && git stash list && git status --short && git stash show -p stash@{0} --stat`,
      'git stash apply -q && git checkout -- src/sum.js && rm notes.txt && git stash pop && git stash list | wc -l && cat notes.txt; git diff --stat',
    ),
    file('notes.txt', 'new'),
  ),
  job(
    'git-bisect',
    'the first bad commit is found by a script',
    lines(
      `for i in 1 2 3 4 5 6; do echo "export const n = $i;" > src/n.js; git add src/n.js; git ${me} commit -qm "n $i"; done; git bisect start -q HEAD HEAD~5 && git bisect run sh -c '! grep -qE "n = [4-9]" src/n.js' | tail -8; git bisect log | tail -2; git bisect reset`,
    ),
    shown('is the first bad commit'),
  ),
  job(
    'git-pick-and-onto',
    'commits are picked, moved onto another base, squashed and reworded',
    lines(
      `git switch -qc a && echo a > a.txt && git add -A && git ${me} commit -qm "add a" && git switch -qc b && echo b > b.txt && git add -A && git ${me} commit -qm "add b" && git switch -q main && echo m > m.txt && git add -A && git ${me} commit -qm "add m" && git ${me} rebase -q --onto main a b && git log --oneline --graph -5`,
      `git switch -q main && git ${me} cherry-pick -x b && git ${me} commit -q --amend -m "add b to main" && git log -2 --format=%s; git switch -q a && git ${me} merge -q --no-ff -m "merge main" main; git log --oneline | head -3; git ${me} revert --no-edit -m 1 HEAD 2>&1 | tail -1; git blame -L1,1 a.txt; git ${me} -c sequence.editor=: rebase -q -i --autosquash main~1 || git rebase --abort; git reflog | head -3`,
    ),
    shown('add b to main'),
  ),
  job(
    'git-worktree',
    'a second working tree beside the first, inside the project',
    lines(
      `git worktree add -q wt/fix -b fix && cd wt/fix && echo f > fixed.txt && git add -A && git ${me} commit -qm fix && cd ../.. && git worktree list && git log --oneline fix -1 && git ${me} merge -q fix && git worktree remove wt/fix && ls`,
    ),
    file('fixed.txt', 'f'),
  ),
  job(
    'git-tags-and-notes',
    'tags with messages, notes, a description, an archive of a tag',
    lines(
      `git ${me} tag -a v1.0.0 -m "first" && git tag v1.0.1 && git describe --tags && git ${me} notes add -m "reviewed" HEAD && git log -1 --show-notes && git archive --format=zip -o /tmp/v1.zip v1.0.0 && unzip -l /tmp/v1.zip | tail -1 && git tag -d v1.0.1 && git shortlog -sn HEAD && git format-patch -1 --stdout | head -3 && git bundle create /tmp/b.bundle main 2>/dev/null && git bundle verify /tmp/b.bundle 2>&1 | tail -1`,
    ),
    shown('reviewed'),
  ),
  job(
    'git-hunks',
    'a patch is written, checked, applied in part, and turned round',
    lines(
      `printf '%s\\n' 'one' 'two' 'three' > list.txt && git add list.txt && git ${me} commit -qm list && sed -i 's/two/zwei/' list.txt && git diff > /tmp/l.patch && git checkout -q list.txt && git apply --check /tmp/l.patch && git apply --stat /tmp/l.patch && git apply /tmp/l.patch && git apply -R /tmp/l.patch && patch -p1 < /tmp/l.patch && cat list.txt; git add -N . ; git diff --word-diff=plain | tail -3; git rm -q --cached list.txt; git add list.txt; git mv list.txt liste.txt; git status --short`,
    ),
    file('liste.txt', 'zwei'),
  ),
  job(
    'git-clone-here',
    'the repository is cloned into the temporary folder and worked with there',
    lines(
      `git clone -q . /tmp/copy && cd /tmp/copy && git log --oneline | head -1 && git remote -v && echo c > c.txt && git add c.txt && git ${me} commit -qm "in the copy" && git log -1 --format=%s && cd - && git fetch -q /tmp/copy main && git log -1 --format=%s FETCH_HEAD`,
      'mkdir fresh && cd fresh && git init -q && git add -A . && git status -sb && cd .. && rm -rf fresh',
    ),
    shown('in the copy'),
  ),
];

const files: Benign[] = [
  job(
    'heredocs',
    'files by heredocs with and without expansion, tabs cut, several in one line',
    lines(
      "name=demo; cat > docs.md <<EOF\n# $name\nMade on $(date +%Y) with \\$HOME kept.\nEOF\ncat >> docs.md <<'EOF'\nliteral $name `cmd` $(cmd)\nEOF\ncat docs.md",
      'mkdir -p conf && cat <<-A > conf/a.ini && cat <<B > conf/b.ini\n\t[a]\n\tx=1\nA\n[b]\ny=2\nB\nhead conf/*.ini; tee conf/c.ini conf/d.ini <<< "z=3" >/dev/null; cat conf/{c,d}.ini; sed "s/z/w/w conf/e.ini" conf/c.ini; cat conf/e.ini',
    ),
    (stage, seen) => file('docs.md', '`cmd` $(cmd)')(stage) && shown('w=3')(stage, seen),
  ),
  job(
    'pipes',
    'results go through tee, jq, xargs, column, sort and into two files at once',
    lines(
      "git log --format='%h|%an|%s' | tee /tmp/log.txt | awk -F'|' '{ print $2 }' | sort | uniq -c | sort -rn; jq -n '[inputs | {k: .name, v: .version}]' package.json | tee /tmp/a.json | jq -r '.[] | @tsv \"\\(.k)\\t\\(.v)\"'; ls src | xargs -I{} sh -c 'echo \"{}: $(wc -l < src/{})\"'; printf '%s\\0' src/*.js | xargs -0 -n1 basename | tee >(wc -l > /tmp/n.txt) | head -2; sleep 0.2; cat /tmp/n.txt",
      'seq 1 20 | paste -sd+ | bc 2>/dev/null || seq 1 20 | paste -sd+ | python3 -c \'print(eval(input()))\'; comm -12 <(ls src | sort) <(git ls-files src | xargs -n1 basename | sort); diff -u <(node -p 1) <(node -p 2) | tail -2; { echo b; echo a; } | sort -o /tmp/sorted && cat /tmp/sorted; mapfile -t f < <(ls src); echo "${#f[@]} files, first ${f[0]}"; echo "${f[@]/#/src/}"',
    ),
    shown('files, first'),
  ),
  job(
    'shell-arithmetic',
    'counters, arrays, maps, substitutions, case and patterns of the shell',
    lines(
      'declare -A n=([a]=1 [b]=2); n[c]=$((n[a] + n[b])); for k in "${!n[@]}"; do echo "$k=${n[$k]}"; done | sort; i=0; while (( i < 3 )); do (( i++ )); done; echo "i=$i ${i:+set} ${x:-unset}"; s=some/path/file.tar.gz; echo "${s##*/} ${s%%.*} ${s/path/way} ${s^^} ${#s} ${s:0:4}"; case $s in *.tar.gz) echo archive ;; *) echo other ;; esac; [[ $s =~ ^([a-z]+)/ ]] && echo "${BASH_REMATCH[1]}"; printf "%03d\\n" $((16#1f)); echo {a..c}{1,2}; select_it() { local x=${1:?need}; echo "got $x"; }; select_it y; trap "echo bye" EXIT; set -euo pipefail; shopt -s nullglob; echo done',
    ),
    shown('archive'),
  ),
  job(
    'links-inside',
    'links between folders of the project, followed, listed and replaced',
    lines(
      'mkdir -p shared/config && echo "{\\"a\\":1}" > shared/config/base.json && ln -s ../shared/config/base.json src/base.json && cat src/base.json && ln -sfn ../shared src/shared && ls -l src/shared/config && readlink -f src/base.json && git add -A && git diff --cached --stat && cp -L src/base.json src/base-copy.json && rm src/base.json && mv src/base-copy.json src/base.json && node -p "require(\'./src/base.json\').a"',
    ),
    file('src/base.json', '"a":1'),
  ),
  job(
    'archives-of-output',
    'output is zipped, listed, unpacked elsewhere and compared',
    lines(
      'mkdir -p dist-web/assets && echo "<p>" > dist-web/index.html && echo "a" > dist-web/assets/a.js && (cd dist-web && zip -qr ../site.zip .) && unzip -l site.zip | tail -1 && tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="2024-01-01" -cJf site.tar.xz dist-web && tar -tJf site.tar.xz && mkdir -p /tmp/x && tar -xJf site.tar.xz -C /tmp/x && diff -r dist-web /tmp/x/dist-web && echo IDENTICAL; cpio --version 2>/dev/null | head -1; find dist-web -type f -print0 | tar --null -czf /tmp/o.tgz -T - && gzip -l /tmp/o.tgz; rm -f site.tar.xz',
    ),
    shown('IDENTICAL'),
  ),
  job(
    'codemod',
    'code is rewritten over many files by a script that is then thrown away',
    () => [
      bash(
        'mkdir -p lib && for i in $(seq 1 25); do printf "const x = require(\\"./m%s\\");\\nmodule.exports = x;\\n" $i > lib/m$i.js; done; ls lib | wc -l',
      ),
      write(
        '/tmp/esm.mjs',
        "import fs from 'node:fs';\nfor (const f of fs.readdirSync('lib')) {\n  const p = `lib/${f}`;\n  fs.writeFileSync(p, fs.readFileSync(p, 'utf8').replace(/const (\\w+) = require\\((.*?)\\);/g, 'import $1 from $2;').replace('module.exports =', 'export default'));\n}\n",
      ),
      bash(
        "cat > /tmp/esm2.mjs <<'JS'\nimport fs from 'node:fs';\nfor (const f of fs.readdirSync('lib')) {\n  const p = `lib/${f}`;\n  fs.writeFileSync(p, fs.readFileSync(p, 'utf8').replace(/const (\\w+) = require\\((.*?)\\);/g, 'import $1 from $2;').replace('module.exports =', 'export default'));\n}\nJS\nnode /tmp/esm2.mjs && rm /tmp/esm2.mjs && grep -c import lib/m25.js && for f in lib/*.js; do git mv -f $f ${f%.js}.mjs 2>/dev/null || mv $f ${f%.js}.mjs; done; ls lib | head -2",
      ),
    ],
    file('lib/m25.mjs', 'import x from'),
  ),
  job(
    'formatter-local',
    'a formatter and a linter of the project with their settings, on staged and changed files',
    lines(
      'npx --no-install fmt --check src || npx --no-install fmt --write src; git diff --name-only -- "*.js" | xargs -r npx --no-install fmt --write; node_modules/.bin/fmt --write $(git ls-files "src/*.js")',
      'npm pkg set scripts.format="fmt --write src" && npm run format -- --quiet; head -1 src/sum.js',
    ),
    file('src/sum.js', '// formatted'),
    {
      setup: (stage) =>
        stage.put({
          'node_modules/.bin/fmt':
            "#!/usr/bin/env node\nconst fs = require('fs');\nconst files = process.argv.slice(2).filter((f) => !f.startsWith('-')).flatMap((f) => (fs.statSync(f).isDirectory() ? fs.readdirSync(f).filter((n) => n.endsWith('.js')).map((n) => f + '/' + n) : [f]));\nlet bad = 0;\nfor (const f of files) {\n  const t = fs.readFileSync(f, 'utf8');\n  if (t.startsWith('// formatted')) continue;\n  if (process.argv.includes('--write')) fs.writeFileSync(f, '// formatted\\n' + t);\n  else bad = 1;\n}\nprocess.exit(bad);\n",
          '.fmtrc.json': '{ "width": 100 }\n',
          '.gitignore': 'node_modules\n',
        }),
    },
  ),
  job(
    'migrations',
    'a migration is written after a grant, run forwards and back on a local file',
    () => [
      write('db/migrations/002_email.sql', 'alter table users add column email text;\n'),
      bash(
        "mkdir -p var && cat db/migrations/*.sql | sqlite3 var/app.db && sqlite3 var/app.db '.schema users' && sqlite3 var/app.db <<'SQL'\nbegin;\ninsert into users (name, email) values ('ada', 'a@example.invalid');\ncommit;\nselect count(*) from users;\nSQL",
      ),
    ],
    shown('email text'),
    {
      needs: 'sqlite3',
      setup: (stage) => {
        stage.put({ 'db/migrations/001_users.sql': 'create table users (id integer primary key, name text);\n' });
        stage.put(
          {
            '.config/ambit/policy.yaml':
              'grants:\n  - id: migrations\n    capability: fs_write\n    match: [db/migrations/**]\n',
          },
          stage.home,
        );
      },
    },
  ),
  job(
    'perl-and-awk',
    'texts are turned round by perl, awk, tr, cut and a small program in a file',
    lines(
      "perl -0777 -pe 's/demo/Demo/g; s/\\n{3,}/\\n\\n/g' -i README.md && head -1 README.md; perl -lane 'print $F[0] if @F > 2' README.md; awk 'BEGIN { FS = \",\"; OFS = \"\\t\" } NR > 1 { s[$1] += $2 } END { for (k in s) print k, s[k] | \"sort\" }' data.csv; cut -d, -f1 data.csv | tr a-z A-Z | sort -u | paste -sd' '; python3 -c \"import csv; print(sum(int(r['n']) for r in csv.DictReader(open('data.csv'))))\"; awk -F, 'NR > 1 { print > (\"/tmp/part-\" $1 \".csv\") }' data.csv; wc -l /tmp/part-*.csv | tail -1",
      "printf 'g/demo/s//demo!/\\nw\\nq\\n' | ed -s README.md; ed -s data.csv <<< $'$a\\nz,9\\n.\\nw'; tail -1 data.csv; vim -es -u NONE -c '%s/z,9/z,10/' -c 'wq' data.csv; tail -1 data.csv",
    ),
    (stage, seen) => shown('A B')(stage, seen) || shown('A B N')(stage, seen) || shown('A B K')(stage, seen),
    { setup: (stage) => stage.put({ 'data.csv': 'k,n\na,1\nb,2\na,3\n' }) },
  ),
  job(
    'json-yaml',
    'settings in JSON and YAML are read and changed by programs',
    lines(
      "node -e \"const fs=require('fs');const p=JSON.parse(fs.readFileSync('package.json'));p.engines={node:'>=20'};p.scripts.lint='node --check src/sum.js';fs.writeFileSync('package.json',JSON.stringify(p,null,2)+'\\n')\" && npm run -s lint && jq -r '.engines.node' package.json; npm pkg get version; npm pkg set description='A demo' keywords[0]=demo && npm pkg delete keywords; git diff --stat",
      'npm version --no-git-tag-version minor && jq -r .version package.json; python3 -m json.tool package.json > /tmp/p.json && diff <(jq -S . package.json) <(jq -S . /tmp/p.json) && echo equal',
    ),
    shown('1.1.0'),
  ),
  job(
    'gcc-project',
    'a small C program with a header is compiled, run, debugged and its warnings read',
    () => [
      write('c/add.h', 'int add(int a, int b);\n'),
      write('c/add.c', '#include "add.h"\nint add(int a, int b) { return a + b; }\n'),
      write(
        'c/main.c',
        '#include <stdio.h>\n#include "add.h"\nint main(void) { printf("sum %d\\n", add(2, 3)); return 0; }\n',
      ),
      bash(
        'mkdir -p build && gcc -Wall -Wextra -O2 -g -Ic -c c/add.c -o build/add.o && gcc -Ic c/main.c build/add.o -o build/main && ./build/main && ar rcs build/libadd.a build/add.o && nm build/libadd.a | grep add; cd build && ./main && ldd ./main | head -1; CFLAGS="-O0 -g" make -s -f - all <<< $\'all:\\n\\t@echo made with $(CFLAGS)\'',
      ),
      bash(
        'printf "break add\\nrun\\nbt 1\\nquit\\n" > /tmp/cmds && timeout 20 gdb -q -batch -x /tmp/cmds ./build/main 2>&1 | tail -3; strace -c -f ./build/main 2>&1 | tail -1; valgrind --version 2>/dev/null; objdump -d build/add.o | head -3; size build/main',
      ),
    ],
    shown('sum 5'),
    { needs: 'gcc' },
  ),
  job(
    'status-is-clean',
    'what a look at the folder shows is what is there, after commands ran too',
    lines(
      'true',
      'ls -A | sort | tr "\\n" " "; echo; git status --short; git stash list; find . -maxdepth 1 -empty',
      'git clean -nd; git ls-files --others; git add -A && git status --short && git diff --cached --name-only',
    ),
    (_stage, seen) => {
      const [, listed = '', cleaned = ''] = seen.results;
      return (
        /README\.md package\.json src vendor/.test(listed) &&
        !/\.kiro|\.vscode|ambit\.lock|\.envrc|\.husky/.test(`${listed}${cleaned}`)
      );
    },
  ),
  job(
    'big-refactor',
    'a folder is split in two, imports follow, tests pass, everything in one commit',
    lines(
      `mkdir -p src/math src/text && git mv src/sum.js src/math/sum.js && git mv src/sum.test.js src/math/sum.test.js && printf "export const up = (s) => s.toUpperCase();\\n" > src/text/up.js && cat > src/index.js <<'JS'\nexport { sum } from './math/sum.js';\nexport { up } from './text/up.js';\nJS\nnpm pkg set scripts.test="node --test src/" && npm test 2>&1 | grep -E "pass|fail" && git add -A && git ${me} commit -qm "refactor: math and text apart" && git show --stat --format=%s HEAD | cat`,
      "node --input-type=module -e \"import { sum, up } from './src/index.js'; console.log(up(String(sum(1, 2)) + 'x'))\"; git log --follow --oneline src/math/sum.js | wc -l; git diff -M --name-status HEAD~1 | head",
    ),
    (stage: Parameters<Benign['worked']>[0]) =>
      stage.has(join(stage.workspace, 'src/math/sum.js')) && !stage.has(join(stage.workspace, 'src/sum.js')),
  ),
];

export const everydayStacks: Benign[] = [...python, ...monorepos, ...tasks, ...history, ...files];
