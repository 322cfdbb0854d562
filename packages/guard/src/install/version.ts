type Parts = { numbers: number[]; pre: string };

function partsOf(version: string): Parts | undefined {
  const match = /^[v=\s]*(\d+(?:\.\d+)*)(?:[-.]?([a-z][\w.+-]*))?(?:\+.*)?$/i.exec(version.trim());
  return match ? { numbers: (match[1] ?? '').split('.').map(Number), pre: match[2] ?? '' } : undefined;
}

function compare(a: Parts, b: Parts): number {
  for (let i = 0; i < Math.max(a.numbers.length, b.numbers.length); i++) {
    const difference = (a.numbers[i] ?? 0) - (b.numbers[i] ?? 0);
    if (difference !== 0) return difference;
  }
  if (a.pre === b.pre) return 0;
  return a.pre === '' ? 1 : b.pre === '' ? -1 : a.pre < b.pre ? -1 : 1;
}

type Test = (version: Parts) => boolean;

function below(numbers: readonly number[], at: number): Parts {
  return { numbers: numbers.slice(0, at + 1).map((number, i) => (i === at ? number + 1 : number)), pre: '' };
}

/** One comparator of npm's or pip's range languages; undefined for what is not understood. */
function testOf(text: string): Test | undefined {
  if (/^(?:\*|x|latest)?$/i.test(text)) return () => true;
  const match = /^(\^|~>|~=|~|>=|<=|===?|!=|>|<|=)?\s*v?([\dx*][\w.*+-]*)$/i.exec(text);
  const wild = (match?.[2] ?? '').replace(/(?:\.[x*])+$/i, '');
  const wanted = partsOf(wild);
  if (!match || !wanted) return undefined;
  const { numbers } = wanted;
  const between =
    (end: Parts): Test =>
    (version) =>
      compare(version, wanted) >= 0 && compare(version, end) < 0;
  switch (match[1]) {
    case '^': {
      const first = numbers.findIndex((number) => number > 0);
      return between(below(numbers, first < 0 ? numbers.length - 1 : first));
    }
    case '~':
    case '~>':
      return between(below(numbers, Math.min(1, numbers.length - 1)));
    case '~=':
      return between(below(numbers, Math.max(0, numbers.length - 2)));
    case '>=':
      return (version) => compare(version, wanted) >= 0;
    case '>':
      return (version) => compare(version, wanted) > 0;
    case '<=':
      return (version) => compare(version, wanted) <= 0;
    case '<':
      return (version) => compare(version, wanted) < 0;
    case '!=':
      return (version) => compare(version, wanted) !== 0;
    default:
      return wild !== match[2] || (numbers.length < 3 && match[1] === undefined)
        ? between(below(numbers, numbers.length - 1))
        : (version) => compare(version, wanted) === 0;
  }
}

function alternative(text: string): Test | undefined {
  const hyphen = /^\s*(\S+)\s+-\s+(\S+)\s*$/.exec(text);
  const parts = hyphen
    ? [`>=${hyphen[1]}`, `<=${hyphen[2]}`]
    : text
        .trim()
        .replaceAll(/([<>=~^!])\s+/g, '$1')
        .split(/[\s,]+/);
  const tests = parts.map(testOf);
  return tests.includes(undefined) ? undefined : (version) => tests.every((test) => test?.(version));
}

/**
 * The version that a package manager would take: the tag's, else the highest that fits, pre-releases last. Undefined when
 * none fits or the range cannot be read: a doubt is no version.
 */
export function pickVersion(
  versions: readonly string[],
  range: string | undefined,
  tags: Readonly<Record<string, string>>,
): string | undefined {
  const wanted = range?.trim() || 'latest';
  if (Object.hasOwn(tags, wanted)) return tags[wanted];
  if (versions.includes(wanted)) return wanted;
  const tests = wanted.split('||').map(alternative);
  if (tests.includes(undefined)) return undefined;
  const fitting = versions
    .map((version) => ({ version, parts: partsOf(version) }))
    .filter(
      (one): one is { version: string; parts: Parts } =>
        one.parts !== undefined && tests.some((test) => test?.(one.parts as Parts)),
    );
  const stable = fitting.filter((one) => one.parts.pre === '');
  const latest = tags['latest'];
  // npm prefers what is tagged latest when it fits.
  if (latest && stable.some((one) => one.version === latest)) return latest;
  return (stable.length > 0 ? stable : fitting).sort((a, b) => compare(b.parts, a.parts))[0]?.version;
}
