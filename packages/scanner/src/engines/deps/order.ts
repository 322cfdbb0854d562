import semver from 'semver';

export type Ecosystem = 'npm' | 'PyPI';

/** Longer ones are nobody's version, and expressions over them take time. */
const versionMost = 128;

/** A version of Python, as PEP 440 orders them: each part a number, or segments for the local one. */
interface PythonVersion {
  epoch: number;
  release: number[];
  /** Place of what precedes the release: a bare `dev`, `a`, `b`, `rc`, none. */
  pre: [rank: number, number: number];
  post: number;
  dev: number;
  local: string[];
}

const pythonForm =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|beta|preview|pre|rc|a|b|c)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;
const ranks: Readonly<Record<string, number>> = { a: 0, alpha: 0, b: 1, beta: 1, c: 2, rc: 2, pre: 2, preview: 2 };

function parsePython(text: string): PythonVersion | undefined {
  const match = pythonForm.exec(text.trim().toLowerCase());
  if (!match || text.length > versionMost) return undefined;
  const [, epoch, release = '', pre, preNumber, bare, post, postNumber, dev, devNumber, local] = match;
  const numbers = release.split('.').map(Number);
  while (numbers.length > 1 && numbers.at(-1) === 0) numbers.pop();
  const hasPost = bare !== undefined || post !== undefined;
  const none = dev !== undefined && !hasPost ? -1 : 3;
  return {
    epoch: Number(epoch ?? 0),
    release: numbers,
    pre: pre === undefined ? [none, 0] : [ranks[pre] ?? 2, Number(preNumber ?? 0)],
    post: hasPost ? Number(bare ?? postNumber ?? 0) : -1,
    dev: dev === undefined ? Number.POSITIVE_INFINITY : Number(devNumber ?? 0),
    local: local === undefined ? [] : local.split(/[-_.]/),
  };
}

function compareNumbers(left: readonly number[], right: readonly number[]): number {
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const [a, b] = [left[i] ?? 0, right[i] ?? 0];
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}

/** Segments that are numbers come after words; more segments after fewer. */
function compareLocal(left: readonly string[], right: readonly string[]): number {
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const [a, b] = [left[i], right[i]];
    if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
    const [first, second] = [/^\d+$/.test(a), /^\d+$/.test(b)];
    if (first !== second) return first ? 1 : -1;
    const difference = first ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0;
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

function comparePython(a: PythonVersion, b: PythonVersion): number {
  const key = ({ epoch, release }: PythonVersion) => [epoch, ...release];
  const rest = ({ pre, post, dev }: PythonVersion) => [...pre, post, dev];
  return compareNumbers(key(a), key(b)) || compareNumbers(rest(a), rest(b)) || compareLocal(a.local, b.local);
}

/** Whether a version can be ordered at all. */
export function isVersion(ecosystem: Ecosystem, version: string): boolean {
  if (version.length > versionMost) return false;
  return ecosystem === 'npm' ? semver.valid(version, true) !== null : parsePython(version) !== undefined;
}

/** Below, at or above zero, by the order of the ecosystem; undefined where one of the two is no version. */
export function compareIn(ecosystem: Ecosystem, a: string, b: string): number | undefined {
  if (!isVersion(ecosystem, a) || !isVersion(ecosystem, b)) return undefined;
  if (ecosystem === 'npm') return semver.compare(a, b, true);
  const [left, right] = [parsePython(a), parsePython(b)];
  return left && right ? comparePython(left, right) : undefined;
}

/** Packages of PyPI have many spellings of one name. */
export function plainName(ecosystem: Ecosystem, name: string): string {
  return ecosystem === 'PyPI' ? name.toLowerCase().replaceAll(/[-_.]+/g, '-') : name;
}
