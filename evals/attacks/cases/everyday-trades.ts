// Everyday jobs of git's history and of files of all sorts: what people do all day beside writing code.
import { join } from 'node:path';
import { type Benign, bash, write } from '../case.ts';
import { file, granted, job, lines, me, shown } from './job.ts';

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
    'git-stash-parts',
    'work is put away, looked at, and taken back in parts',
    lines(
      `echo "// wip" >> src/sum.js && echo new > notes.txt && git ${me} stash push -u -m wip && git stash list && git status --short && git stash show -p stash@{0} --stat`,
      'git stash apply -q && git checkout -- src/sum.js && rm notes.txt && git stash pop && git stash list | wc -l && cat notes.txt; git diff --stat',
    ),
    file('notes.txt', 'new'),
  ),
  job(
    'git-bisect-script',
    'the first bad commit is found by a script',
    lines(
      `for i in 1 2 3 4 5 6; do echo "export const n = $i;" > src/n.js; git add src/n.js; git ${me} commit -qm "n $i"; done; git bisect start HEAD HEAD~5 && git bisect run sh -c '! grep -qE "n = [4-9]" src/n.js' | tail -14; git bisect log | tail -2; git bisect reset`,
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
    'git-worktree-inside',
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
      'n=(1 2); n+=(3); for k in "${n[@]}"; do echo "k=$k"; done; i=0; while (( i < 3 )); do (( i++ )); done; echo "i=$i ${i:+set} ${x:-unset}"; s=some/path/file.tar.gz; echo "${s##*/} ${s%%.*} ${s/path/way} ${s^^} ${#s} ${s:0:4}"; case $s in *.tar.gz) echo archive ;; *) echo other ;; esac; [[ $s =~ ^([a-z]+)/ ]] && echo "${BASH_REMATCH[1]}"; printf "%03d\\n" $((16#1f)); echo {a..c}{1,2}; select_it() { local x=${1:?need}; echo "got $x"; }; select_it y; trap "echo bye" EXIT; set -euo pipefail; shopt -s nullglob; echo done',
    ),
    shown('archive'),
  ),
  job(
    'links-between',
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
    'codemod-esm',
    'code is rewritten over many files by a script that is then thrown away',
    () => [
      bash(
        'mkdir -p lib && for i in $(seq 1 25); do printf "const x = require(\\"./m%s\\");\\nmodule.exports = x;\\n" $i > lib/m$i.js; done; ls lib | wc -l',
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
        granted(stage, 'db/migrations/**');
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
      'ls -A | sort | tr "\\n" " "; echo; git status --short; git stash list',
      'git clean -nd; git ls-files --others --exclude-standard; git add -A && git status --short && git diff --cached --name-only',
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

export const everydayTrades: Benign[] = [...history, ...files];
