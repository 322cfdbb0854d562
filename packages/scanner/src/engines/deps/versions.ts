/** Compares two versions by their numbers; what follows a dash (or letters, in Python) comes before the release. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map(split);
  const length = Math.max(left?.numbers.length ?? 0, right?.numbers.length ?? 0);
  for (let i = 0; i < length; i += 1) {
    const difference = (left?.numbers[i] ?? 0) - (right?.numbers[i] ?? 0);
    if (difference !== 0) return difference;
  }
  const [early, late] = [left?.pre ?? '', right?.pre ?? ''];
  if (early === late) return 0;
  if (early === '') return 1;
  if (late === '') return -1;
  return early < late ? -1 : 1;
}

function split(version: string): { numbers: number[]; pre: string } {
  const [, core = '', rest = ''] = /^[v=]?(\d+(?:\.\d+)*)(.*)$/.exec(version.trim()) ?? [];
  const pre = /^(?:-|\.?(?:a|b|rc|dev|alpha|beta|pre))/i.test(rest) ? rest.replace(/\+.*$/, '') : '';
  return { numbers: core.split('.').map(Number), pre };
}

export interface Range {
  introduced: string;
  fixed?: string | undefined;
  lastAffected?: string | undefined;
}

/** Whether a version lies in one of an advisory's ranges. */
export function isAffected(version: string, ranges: readonly Range[]): boolean {
  return ranges.some(({ introduced, fixed, lastAffected }) => {
    if (introduced !== '0' && compareVersions(version, introduced) < 0) return false;
    if (fixed !== undefined) return compareVersions(version, fixed) < 0;
    return lastAffected === undefined || compareVersions(version, lastAffected) <= 0;
  });
}
