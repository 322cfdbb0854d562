import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { analyze, hostOf, parseLine, readKnowledge } from './index.ts';
import { sedEffects } from './sed.ts';

const knowledge = readKnowledge(await readCatalogSources('policies'));

const argvs = (line: string) => {
  const parsed = parseLine(line);
  return 'unparsed' in parsed ? parsed.unparsed : parsed.commands.map(({ argv }) => argv);
};

test('lines come apart into their commands', () => {
  assert.deepEqual(argvs('a b && c | d; e &'), [['a', 'b'], ['c'], ['d'], ['e']]);
  assert.deepEqual(argvs('if a; then b; elif c; then d; else e; fi'), [['a'], ['b'], ['c'], ['d'], ['e']]);
  assert.deepEqual(argvs(`echo 'a b' "c d" e\\ f $'g\\x41'`), [['echo', 'a b', 'c d', 'e f', 'gA']]);
  assert.deepEqual(argvs('(a; b) && { c; }'), [['a'], ['b'], ['c']]);
  assert.deepEqual(argvs('cp {a,b}/x'), [['cp', 'a/x', 'b/x']]);
  assert.deepEqual(argvs('time ! a'), [['a']]);
  assert.deepEqual(argvs('echo a # rm -rf /'), [['echo', 'a']]);
});

test('a loop is walked once for each value', () => {
  const [first, second] = [
    argvs('for f in a b; do rm "$f"; done') as string[][],
    [
      ['rm', 'a'],
      ['rm', 'b'],
    ],
  ];
  assert.deepEqual(
    [...new Set(first.map((argv) => argv.join(' ')))],
    second.map((argv) => argv.join(' ')),
  );
});

test('a variable that the line itself sets is its value, as far as that is certain', () => {
  assert.deepEqual(argvs('D=src; ls "$D/x" $D'), [[':'], ['ls', 'src/x', 'src']]);
  assert.deepEqual(argvs('D=src && ls $D || ls'), [[':'], ['ls', 'src'], ['ls']]);
  assert.deepEqual(argvs('F="a b"; rm $F "$F"'), [[':'], ['rm', 'a', 'b', 'a b']]);
  assert.deepEqual(argvs('X=terraform; $X destroy'), [[':'], ['terraform', 'destroy']]);
  assert.deepEqual(argvs('for f in a; do test -f $f || printf %s "$f"; cat $f; done') as string[][], [
    ['test', '-f', 'a'],
    ['printf', '%s', 'a'],
    ['cat', 'a'],
    ['test', '-f', 'a'],
    ['printf', '%s', 'a'],
    ['cat', 'a'],
  ]);
  const unsure = [
    'true && D=src; ls $D',
    'if a; then D=x; fi; ls $D',
    'D=a; if b; then D=c; fi; ls $D',
    'D=a; while b; do D=c; done; ls $D',
    '(D=a); ls $D',
    'D=a & ls $D',
    'D=a | b; ls $D',
    'D=a; read D; ls $D',
    'D=a; unset D; ls $D',
    'D=a; eval "D=b"; ls $D',
    'D=a; printf -v D x; ls $D',
    'D=~; rm -rf $D',
    'D="a b"; ls x$D',
    'D=a b; ls $D',
    'D+=a; ls $D',
    'D[0]=a; ls $D',
    'PATH=.; ls $PATH',
    'a || D=b; ls $D',
  ];
  for (const line of unsure) {
    const parsed = parseLine(line);
    const unknown = 'commands' in parsed && parsed.commands.some(({ argv }) => argv.join(' ').includes('\ue000'));
    const kept = unknown || 'unparsed' in parsed || parsed.commands.some(({ assignments }) => assignments.length > 0);
    assert.ok(kept, `${line}: ${JSON.stringify(parsed)}`);
  }
  for (const name of [
    'PATH',
    'LD_PRELOAD',
    'BASH_ENV',
    'GIT_PAGER',
    'NODE_OPTIONS',
    'PYTHONSTARTUP',
    'http_proxy',
    'PS4',
  ]) {
    const parsed = parseLine(`${name}=x; ls`);
    assert.ok('commands' in parsed && parsed.commands.some(({ assignments }) => assignments.length > 0), name);
  }
});

test('a function that is called leaves what it cannot reach; what it may set is not known any more', () => {
  const removed = (line: string) => (argvs(line) as string[][]).findLast(([name]) => name === 'rm')?.[2];
  assert.equal(removed('D=out; log() { echo "$*"; }; log a; rm -r "$D"'), 'out');
  assert.equal(
    removed('D=$(mktemp -d); log() { local x=1; echo $x; }; trap \'rm -r "$D"\' EXIT; log a'),
    '/tmp/tmp.made',
  );
  const reaching = [
    'f() { D=x; }; f',
    'f() { ((D++)); }; D=1; f',
    'f() { for D in a b; do :; done; }; f',
    'f() { read D; }; f',
    'f() { read E; }; f',
    'f() { printf -v E x; }; f',
    'f() { eval "$1"; }; f',
    'f() { . ./x.sh; }; f',
    'f() { declare -g "D"=x; }; f',
    'g() { D=x; }; f() { g; }; f',
    'f() { g; }; g() { D=x; }; f',
    'f() { D\\\n=x; }; f',
    'f() { E=1; DD\\\n=x; }; f',
  ];
  for (const line of reaching) {
    const parsed = parseLine(`D=out; ${line}; rm -r "$D"`);
    const known = 'commands' in parsed && parsed.commands.some(({ argv }) => argv.join(' ') === 'rm -r out');
    assert.equal(known, false, line);
  }
});

test('numbers of another base, subscripts and where a group writes are followed', () => {
  assert.ok(Array.isArray(argvs('echo $((16#ff)) $((2**10)) ${a[-1]} ${!a[@]} ${!a[*]}')));
  for (const line of [
    'echo $((16#$x))',
    'echo $((a[0]))',
    'echo ${!a}',
    'echo ${!a*}',
    'x=$(cat f); echo ${a[$x]}',
    'echo $((x16#f))',
  ])
    assert.equal(typeof argvs(line), 'string', line);
  assert.deepEqual(argvs('{ a; b; } > x'), [['a'], ['b'], [':']]);
  assert.ok(Array.isArray(argvs("while read -r f; do a; done < <(ls 'src/*.js')")));
  assert.equal(typeof argvs('a > src/*.js'), 'string');
});

test('a substitution whose result is known is that result', () => {
  assert.deepEqual(argvs('cd "$(pwd)" && ls $(pwd)/src'), [
    ['cd', '.'],
    ['ls', './src'],
  ]);
  const counted = argvs('for i in $(seq 2 3); do echo $i; done') as string[][];
  assert.deepEqual([...new Set(counted.map((argv) => argv.join(' ')))], ['echo 2', 'echo 3']);
  for (const line of [
    'echo $(seq 1 9999)',
    'echo "$(seq 1 3)"',
    'echo $(pwd; x)',
    'echo a$(seq 1 2)',
    'echo $(seq 1 $(x))',
  ])
    assert.match(JSON.stringify(argvs(line)), /\ue000/, line);
});

test('a quoted tilde is a name, an unquoted one the home', () => {
  assert.deepEqual(argvs(`rm '~' ~/x "~/y"`), [['rm', './~', '~/x', './~/y']]);
});

const unknowable = [
  'echo ${X@P}',
  'echo ${X:=$(x)}',
  'echo ${!X}',
  'echo ${X[$(x)]}',
  'echo ${X:$(x)}',
  'echo ${#X[$(x)]}',
  'a[$(x)]=1',
  '[[ -v a ]]',
  'echo "\ue000"',
  'f() { cd x; }',
  'read() { x; }',
  'mapfile -C x a',
  'declare -i "a=$X"; declare "$X"',
  'echo $"a"',
  'coproc x',
  '((x=y[0]))',
  'echo !(a)',
  'echo {a,{b,c}}',
  'echo {1..100000}',
  'echo > *',
  'echo {fd}> x >&$fd',
  'echo "unclosed',
  'if x; then',
  'a\r\nb',
  'a\u0000b',
  'x'.repeat(30_000),
  'select f in a b; do x; done',
];
for (const line of unknowable) {
  test(`what cannot be known is said: ${JSON.stringify(line.slice(0, 40))}`, () => {
    assert.ok('unparsed' in parseLine(line));
  });
}

test('every character of a line is accounted for, or it is unparsed', () => {
  for (const line of ['R(', 'a (b', 'ls )', 'a b(c)', 'a & & b', '{ a', 'a() b'])
    assert.ok('unparsed' in parseLine(line), line);
  const fine = [
    'case x in a) b;; (c) d;; esac',
    'while true; do a; done',
    'until a; do b; done &',
    'for i in 1 2; do a; done; for j in x\ny; do b; done'.replace('\n', ' '),
    'if a\nthen b\nelse c\nfi',
    'a \\\n b',
    'time -p a && ! b',
    '{ a; } > x 2>&1 # comment (with parens)',
    "cat <<'E' > x && b\n(unbalanced } text\nE\nc",
    '(a) | (b; c)',
    'echo "a # b" # c',
  ];
  for (const line of fine) assert.ok('commands' in parseLine(line), `${line}: ${JSON.stringify(parseLine(line))}`);
});

test('changes of directory are followed along each way a line can go', () => {
  const dirs = (line: string) => {
    const parsed = parseLine(line);
    assert.ok('commands' in parsed);
    return parsed.commands.at(-1)?.cwds.map((path) => path.join('/'));
  };
  assert.deepEqual(dirs('cd a && b'), ['a']);
  assert.deepEqual(dirs('cd a; b'), ['', 'a']);
  assert.deepEqual(dirs('cd a || cd b; c'), ['', 'a', 'b', 'a/b']);
  assert.deepEqual(dirs('(cd a); b'), ['']);
  assert.deepEqual(dirs('cd a | b'), ['']);
  assert.deepEqual(dirs('cd a && cd .. && b'), ['a/..']);
  assert.deepEqual(dirs('cd && b'), ['~']);
});

test('redirections are kept with what they do', () => {
  const parsed = parseLine('a <in >out 2>&1 >>log &>all 3<>both');
  assert.ok('commands' in parsed);
  assert.deepEqual(
    parsed.commands[0]?.redirects.map(({ access, target }) => `${access} ${target}`),
    ['read in', 'write out', 'write log', 'write all', 'both both'],
  );
});

test('the parser never throws and never invents: any text gives commands or a reason', () => {
  const pieces = fc.constantFrom(
    'echo',
    'rm',
    ' ',
    ';',
    '&&',
    '|',
    '$(',
    ')',
    '`',
    '"',
    "'",
    '<<',
    '<<<',
    '>',
    '{',
    '}',
    '\\',
    '\n',
    '#',
    '~',
    '*',
    '=',
    'if',
    'then',
    'fi',
    'do',
    'done',
    '((',
    '[[',
    '\u0000',
    'é',
    '🦊',
  );
  const lines = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(pieces, { maxLength: 20 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(lines, (line) => {
      const parsed = parseLine(line);
      if ('unparsed' in parsed) return assert.ok(parsed.unparsed.length > 0);
      for (const { argv } of parsed.commands) analyze(argv, knowledge);
    }),
    { numRuns: 2_000 },
  );
});

test('SECURITY: what a substitution runs is a command of the line, wherever it stands', () => {
  const host = fc.constantFrom(
    'echo X',
    'echo "X"',
    'a=X b',
    'a=X',
    'a=(1 X)',
    'cat < X',
    'cat > X',
    'for f in X; do a; done',
    'if X; then a; fi',
    '(X)',
    'a | b X',
    'case X in a) b;; esac',
    'case a in X) b;; esac',
    'X',
    'cat <<E\nX\nE\n',
    'cat <<< X',
    '[[ a == X ]]',
    '[[ -n X && b ]]',
    'f() { a X; }',
    'while a X; do b; done',
    'local a=X',
    'export A=X',
    'echo {X,b}',
    'echo !(X)',
  );
  const inside = fc.constantFrom(
    '$(id)',
    '`id`',
    '${x@P}',
    '${x:=$(id)}',
    '${x:-$(id)}',
    '${x/a/$(id)}',
    '${x%$(id)}',
    '$((1+$(id)))',
    '$((a[$(id)]))',
    '"$(id)"',
    '"${x:-`id`}"',
    '<(id)',
    '$(echo $(id))',
  );
  fc.assert(
    fc.property(host, inside, (line, bad) => {
      const text = line.replace('X', () => bad);
      const parsed = parseLine(text);
      // In double quotes `<(id)` is text.
      if (bad === '<(id)' && /"X"|<<E/.test(line)) return;
      assert.ok('unparsed' in parsed || parsed.commands.some(({ argv }) => argv[0] === 'id' || argv[1] === 'id'), text);
    }),
    { numRuns: 2_000 },
  );
});

test('text that only the shell will know is a placeholder in its word', () => {
  const words = (line: string) => JSON.stringify(argvs(line)).replaceAll('\ue000', '?').replaceAll('\ue001', '#');
  assert.equal(words('echo "a $(x)"'), '[["x"],["echo","a ?"]]');
  assert.equal(words('for f in $(x); do cp "$f" ${f%.a}.b; done'), '[["x"],["cp","?","?.b"],["cp","?","?.b"]]');
  assert.equal(
    words('x | while IFS=, read -r a b; do c "$b"; done'),
    '[["x"],["read","-r","a","b"],["c","?"],["c","?"]]',
  );
  assert.equal(words('i=1; echo $((i+1)); ((i++)); echo $i'), '[[":"],["echo","#"],[":"],["echo","#"]]');
  assert.equal(words('f() { a "$1"; }; f b'), '[["a","?"],["f","b"]]');
  assert.equal(words('t=$(mktemp -d); ls $t'), '[[":"],["ls","/tmp/tmp.made"]]');
});

test('SECURITY: arithmetic with what is no number for certain is not followed', () => {
  for (const line of [
    'x="a[$(id)]"; echo $((x))',
    'read x; echo $((x))',
    'x=$(cat n); ((x > 1))',
    'x=1; x=$(cat n); [[ $x -eq 1 ]]',
    'echo $((HOME))',
    'echo $(($1))',
    'echo $[1+1]',
  ])
    assert.ok('unparsed' in parseLine(line), line);
});

test('sed scripts: what writes, reads and runs is found', () => {
  assert.deepEqual(sedEffects('s/a/b/g').executes, false);
  assert.deepEqual(sedEffects('s/a b/c w d/').writes, []);
  assert.deepEqual(sedEffects('w out').writes, ['out']);
  assert.deepEqual(sedEffects('1,/x/w out').writes, ['out']);
  assert.deepEqual(sedEffects('s/a/b/gw out').writes, ['out']);
  assert.equal(sedEffects('s/a/b/e').executes, true);
  assert.equal(sedEffects('e date').executes, true);
  assert.deepEqual(sedEffects('/a/{n;r in\n}').reads, ['in']);
  assert.equal(sedEffects('$!N;/^\\n$/!P;D').executes, false);
  assert.equal(sedEffects('s|/a|/b|;s#x#y#I').executes, false);
  assert.equal(sedEffects('s/[/]/x/;y/abc/xyz/').executes, false);
});

test('hosts are read exactly', () => {
  assert.equal(hostOf('https://Docs.Example./x'), 'docs.example');
  assert.equal(hostOf('git@host.example:repo.git'), 'host.example');
  assert.equal(hostOf('host.example:8080/x'), 'host.example:8080');
  assert.equal(hostOf('https://good.example@evil.example/'), 'evil.example');
  assert.equal(hostOf('https://evil.example%00.good.example/'), undefined);
  assert.equal(hostOf('https://evil.example\\@good.example/'), undefined);
});
