// Variables of a line: what it sets, what is known of them, and which of them are nobody's to set.
import { isUnknown, type Unparsed, unparsed } from './unknown.ts';

export type Variables = ReadonlyMap<string, string>;

interface Assigning {
  argv: string[];
  assignments: { name: string; value: string }[];
}

/**
 * Names that mean something to shells or programs. Setting one is never a private matter of the line: the variable may be
 * exported already.
 */
const tellingName =
  /^(?:PATH|IFS|ENV|HOME|PWD|OLDPWD|CDPATH|SHELL|USER|LOGNAME|TERM|TMPDIR|TMP|TEMP|CC|CXX|CPP|LD|AR|MAKE|PAGER|EDITOR|VISUAL|BROWSER|DISPLAY|OPTIND|OPTARG|REPLY|RANDOM|SECONDS|UID|EUID|PPID|GLOBIGNORE|HISTFILE|TIMEFORMAT|FIGNORE|POSIXLY_CORRECT|PS\d|(?:LD|DYLD|BASH|PROMPT|GIT|NODE|NPM|YARN|PNPM|PYTHON|PIP|PERL|RUBY|GEM|BUNDLE|JAVA|MAVEN|GRADLE|GO|CARGO|RUST|SSH|GPG|AWS|AZURE|GOOGLE|CLOUDSDK|KUBE|DOCKER|TF|PULUMI|LESS|MAN|LC|XDG|HTTP|HTTPS|ALL|NO|SSL|CURL|MALLOC|GCC|ASAN|COMP|MAIL|SHELL|HIST)_?.*|.*(?:OPTIONS|OPTS|FLAGS|_?PROXY|CONFIG))$/i;

/** Small letters are a line's own names, but for the few that programs look for in small letters too. */
const smallAndTelling = /^path$|proxy$|^(?:npm|yarn|pnpm|pip|uv)_|(?:options|opts|flags)$/;

export const isTellingName = (name: string): boolean =>
  /[A-Z]/.test(name) ? tellingName.test(name) : smallAndTelling.test(name);

/** Commands that change the variables they name, and those after which nothing is known any more. */
const namingSetters: ReadonlySet<string> = new Set(
  'read unset export declare typeset local readonly mapfile readarray getopts let printf'.split(' '),
);
const openSetters: ReadonlySet<string> = new Set(['eval', 'source', '.', 'command', 'builtin']);

/** Setters that take names of variables alone, and may set them to anything. */
const readers: ReadonlySet<string> = new Set('read mapfile readarray getopts unset let'.split(' '));

/** Variables whose subscripts or names are calculated could run something; those that mean something are not set unseen. */
export function setterProblem([name = '', ...words]: readonly string[]): Unparsed | undefined {
  if (!namingSetters.has(name) && !readers.has(name)) return undefined;
  if (name === 'printf' && /^-v./.test(words[0] ?? '')) return unparsed('write `printf -v NAME` with the name apart');
  if (name === 'printf' && !(words[0] === '-v' || isUnknown(words[0] ?? ''))) return undefined;
  const named = name === 'printf' ? words.slice(1, 2) : words.map((word) => word.split('=')[0] ?? '');
  // `-i` calculates whatever is assigned later, `-n` is another name for a variable; a list in quotes is read as code.
  const declares = /^(?:export|declare|typeset|local|readonly)$/.test(name);
  if (declares && words.some((word) => /^[-+]\w*[in]/.test(word) || /^\w+=\(/.test(word)))
    return unparsed(`what \`${name}\` makes of this cannot be followed; assign plain values`);
  const code = name === 'let' || (/^(?:mapfile|readarray)$/.test(name) && words.some((word) => /^-\w*C/.test(word)));
  if (named.some((word) => isUnknown(word) || word.includes('[')) || code)
    return unparsed(`what \`${name}\` sets cannot be followed; write the names out`);
  if ((readers.has(name) || name === 'printf') && named.some((word) => isTellingName(word)))
    return unparsed(`\`${name}\` sets a variable that can change what programs do`);
  return undefined;
}

/** Every name in a function's text, or `all` where it may set what its text does not name. */
export type Reach = ReadonlySet<string> | 'all';

/** What a function can reach: it sets no variable whose name is not in its text, unless it reads or evaluates one. */
export function reachOf(text: string, commands: readonly (readonly string[])[]): Reach {
  const sets = ([name = '', ...words]: readonly string[]) =>
    openSetters.has(name) || (name === 'printf' ? words.includes('-v') : name !== 'local' && namingSetters.has(name));
  // A line that is continued can join a name from two parts.
  if (text.includes('\\\n') || commands.some(sets)) return 'all';
  return new Set(text.match(/[A-Za-z_]\w*/g));
}

/** What is still known after a function was called, those that it may call in turn included. */
function afterCall(name: string, variables: Variables, functions: ReadonlyMap<string, Reach>): Variables {
  const reached = new Set<string>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const reach = functions.get(next);
    if (reach === 'all') return new Map();
    for (const word of reach ?? []) {
      if (functions.has(word) && !reached.has(word)) open.push(word);
      reached.add(word);
    }
  }
  return new Map([...variables].filter(([variable]) => !reached.has(variable.replace('[]', ''))));
}

/** What is still known of the variables after a command has run. */
export function afterCommand(
  [name = '', ...words]: readonly string[],
  variables: Variables,
  functions: ReadonlyMap<string, Reach>,
): Variables {
  if (name === 'command') {
    // `command -v x` only asks; `command x` is x, and never a function.
    const at = words.findIndex((word) => !/^-[pvV]+$/.test(word));
    if (words.slice(0, Math.max(at, 0)).some((word) => /[vV]/.test(word))) return variables;
    return afterCommand(words.slice(at < 0 ? words.length : at), variables, new Map());
  }
  if (openSetters.has(name)) return new Map();
  if (functions.has(name)) return afterCall(name, variables, functions);
  if (!namingSetters.has(name) || (name === 'printf' && !words.includes('-v'))) return variables;
  const named = new Set(words.map((word) => /^[A-Za-z_]\w*/.exec(word)?.[0] ?? ''));
  const gone = (variable: string) => named.has(name === 'unset' ? variable.replace('[]', '') : variable);
  return new Map([...variables].filter(([variable]) => !gone(variable)));
}

/** A folder for temporary files that `mktemp` has just made. */
const isFreshFolder = (name: string, value: string) => /^(?:TMPDIR|TMP|TEMP)$/.test(name) && value === '/tmp/tmp.made';

/** Takes over a `NAME=value` that stands alone; false where it cannot be followed. */
export function assignLocally(command: Assigning, state: { variables: Variables }): boolean {
  const safe = command.assignments.every(({ name, value }) =>
    isTellingName(name) ? isFreshFolder(name, value) : !value.startsWith('~'),
  );
  if (!safe) return false;
  const variables = new Map(state.variables);
  for (const { name, value } of command.assignments) variables.set(name, value);
  state.variables = variables;
  return true;
}

/** `local x=1` is an assignment like any other, unless a flag gives it a meaning (`-i`, `-n`, `-x`). */
export function takeLocals(command: Assigning, state: { variables: Variables }): void {
  const [name, ...words] = command.argv;
  if (!/^(?:local|declare|typeset|readonly)$/.test(name ?? '') || words.some((word) => /^[-+]\w*[^raAg-]/.test(word)))
    return;
  const isOwn = (word: string) => /^[A-Za-z_]\w*=/.test(word) && !isTellingName(word.split('=')[0] ?? '');
  command.argv = [name ?? '', ...words.map((word) => (isOwn(word) ? (word.split('=')[0] ?? '') : word))];
  state.variables = new Map([...state.variables].filter(([known]) => !command.argv.includes(known)));
}

/** Names whose own meaning the walk over a line depends on. */
export const reserved: ReadonlySet<string> = new Set([
  ...namingSetters,
  ...readers,
  ...openSetters,
  ...'cd pushd popd exec set shift return exit'.split(' '),
]);
