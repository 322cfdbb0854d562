import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLine } from './index.ts';

test('counters, counts and subscripts that are numbers are followed', () => {
  for (const line of [
    'until a; do n=$((n+1)); [ $n -gt 2 ] && break; done',
    'COUNT=0; for f in $(git ls-files); do lines=$(wc -l < "$f"); COUNT=$((COUNT + lines)); done; echo "$COUNT"',
    'n=$(git diff --name-only | wc -l); (( n > 3 )) && echo many',
    'n=$(grep -c "x y" a.txt 2>/dev/null); echo $((n * 2))',
    'start=$(date +%s); a; echo $(( $(date +%s) - start ))',
    'n=$(find . -name "*.js" | grep -c src); [[ $n -gt 1 ]]',
    'let "i+=1" j=2; ((x=1)); echo $((i + j + x))',
    'a=(x y); for i in "${!a[@]}"; do echo "${a[$i]} ${a[i]} ${a[i+1]}"; a[$i]=z; done',
    'declare -A m=([a]=1 ["b c"]=2); m[$k]=3; for k in "${!m[@]}"; do echo "${m[$k]}"; done',
    'declare -A seen; for f in $(ls); do [[ ${seen[$f]} ]] || echo "$f"; seen[$f]=1; done',
    'read -r n; echo $((i + 1))',
    'printf "%s" x; i=0; export A=b; i=$((i+1))',
    'while read -r f; do n=$(wc -l < "$f"); printf "%4d %s\\n" "$n" "$f"; done < list',
    '. ./lib.sh; n=$(ls | wc -l); echo "$n"',
    'log() { printf "%s\\n" "$*"; }; n=$(ls | wc -l); log "$n"; i=1; i=$((i+1))',
    'TMPDIR=$(mktemp -d) && cp -r src "$TMPDIR"/',
  ])
    assert.deepEqual('unparsed' in parseLine(line) ? parseLine(line) : [], [], line);
});

test('SECURITY: arithmetic with names that may hold text, and subscripts that may be read as code, are not followed', () => {
  const code = "'a[$(id)]'";
  for (const line of [
    `n=${code}; echo $((n+1))`,
    `echo $((n+1)); n=${code}; echo $((n+1))`,
    `f() { echo $((n)); }; n=${code}; f`,
    `f() { echo $((n)); }; read -r n; f`,
    `f() { echo $((n)); }; e''val "n=${code}"; f`,
    `f() { echo $((n)); }; printf -v n %s ${code}; f`,
    `f() { echo $((n)); }; . ./x; f`,
    `printf -vn %s ${code}; echo $((n))`,
    `n=1; printf -vn %s ${code}; echo $((n))`,
    `D=out; printf -vD %s x; rm -r "$D"`,
    `export n=${code}; echo $((n))`,
    `export "n"=${code}; echo $((n))`,
    `for n in ${code}; do echo $((n)); done`,
    `for n in $(cat f); do echo $((n)); done`,
    `mapfile -t n < f; echo $((n))`,
    `mapfile < f; echo $((MAPFILE))`,
    `read -ra n < f; echo $((n))`,
    `read -an < f; echo $((n))`,
    `readarray n < f; echo $((n))`,
    `declare -n r=n; r=${code}; echo $((n))`,
    `declare -i n; n=${code}`,
    `local -i n=${code}`,
    `declare -a n='([0]=$(id))'`,
    `declare -A n='([0]=$(id))'`,
    `echo ${code}; echo $((_))`,
    'echo $((COLUMNS + 1))',
    `n=(${code}); echo $((n))`,
    `n+=${code}; echo $((n))`,
    `n=$(cat f | wc -l; cat g); echo $((n))`,
    'n=$(wc -l f); echo $((n))',
    'n=$(wc -l < f || cat g); echo $((n))',
    'n=$(cat <<E | wc -l\nx\nE\ncat g); echo $((n))',
    'n=$(grep -c -r x); echo $((n))',
    "n=$(grep -c '-r' x); echo $((n))",
    'n=$(grep -c x a b); echo $((n))',
    'n=$(grep -c x $f); echo $((n))',
    'n=$(grep -cv x; cat g); echo $((n))',
    'n=`wc -l < f; cat g`; echo $((n))',
    'n=$(nproc & cat g); echo $((n))',
    'n=$(cat g # | wc -l\n); echo $((n))',
    `k=${code}; echo \${a[$k]}`,
    `k=${code}; a[$k]=1`,
    `k=${code}; a=([$k]=1)`,
    `a=([x[$(id)]]=1)`,
    'a=([x[$(cat f)] ]=1)',
    'a=([1 + x[$(cat f)]]=1)',
    `k=${code}; a=(x); declare -A a; a[$k]=1`,
    `k=${code}; b && declare -A a; a[$k]=1`,
    `k=${code}; (declare -A a); a[$k]=1`,
    `k=${code}; declare -A a; unset a; a[$k]=1`,
    `k=${code}; declare -A a | b; echo \${a[$k]}`,
    `f() unset a; ; k=${code}; declare -A a; f; a[$k]=1`,
    `k=${code}; mapfile -t a; declare -A a; a[$k]=1`,
    'declare -A a; echo ${a[$(id)]} ${a[`id`]}',
    'declare -A m; m[x]=1; for i in "${!m[@]}" "${!b[@]}"; do echo $((i)); done',
    'for i in "${!b[@]}"; do echo $((i)); done; declare -A b',
    'for i in "${!b[@]}"; do echo $((i)); done; source x',
    `let n=${code}`,
    'wait -p n; echo $((n))',
    `wc() { echo ${code}; }; n=$(wc -l < f); echo $((n))`,
    `echo $((1 + $(nproc))); nproc() { echo ${code}; }`,
    `date() { echo ${code}; }; n=$(date +%s); echo $((n+1))`,
    `wc() { echo ${code}; }; n=$(wc -l < f); [[ $n -gt 1 ]]`,
    `wc() { echo ${code}; }; [[ $(wc -l < f) -gt 1 ]]`,
    `wc() { echo ${code}; }; echo \${a[$(wc -l < f)]}`,
    `wc() { echo ${code}; }; n=$(wc -l < f); echo \${a[$n]}`,
    `wc() { echo ${code}; }; n=$(wc -l < f); let n++`,
    `wc() { echo ${code}; }; n=$(wc -l < f); for ((i = 0; i < n; i++)); do :; done`,
    `. ./lib.sh; n=$(ls | wc -l); echo $((n))`,
    `f="-v n"; printf $f ${code}; echo $((n))`,
    'hash -p ./x wc; n=$(wc -l < f); echo $((n))',
    "shopt -s expand_aliases\nalias wc='cat x #'\nn=$(wc -l < f); echo $((n))",
    'TMPDIR=x; cp a "$TMPDIR/b" > "$TMPDIR"',
    'TMPDIR=.git/hooks; echo > $TMPDIR/pre-commit',
  ]) {
    const parsed = parseLine(line);
    const told = 'unparsed' in parsed || parsed.commands.some(({ argv }) => argv[0] === 'id');
    const steered = 'commands' in parsed && parsed.commands.some(({ assignments }) => assignments.length > 0);
    assert.ok(told || steered, `${line}: ${JSON.stringify(parsed)}`);
  }
});

test('SECURITY: a line inside another one inherits its variables and functions: nothing in it is a number unseen', () => {
  for (const line of ['echo $((i+1))', 'n=$(wc -l < f); echo $((n))', 'echo ${a[$i]}']) {
    assert.ok('commands' in parseLine(line), line);
    assert.ok('unparsed' in parseLine(line, true), line);
  }
  assert.ok('commands' in parseLine('i=1; echo $((i+1))', true));
});
