import { appliesTo, type SteeringFile } from './parse.ts';

export interface SteeringRequest {
  prompt: string;
  /** Workspace-relative files the work is about: mentioned, opened, or in the task's scope. */
  files: readonly string[];
  /** Names asked for as `#name` or `/name`. */
  manual?: readonly string[];
}

export interface Selected {
  file: SteeringFile;
  /** Why it applies, for `ambit steering list` and the audit log. */
  reason: string;
}

/** Words too common to say what a description is about. */
const common: ReadonlySet<string> = new Set(
  'a about all also an and any are as at be by can do for from get has have how if in into is it its me my new not of on or our should so that the their them then there this to up us use used using want we what when where which will with work working you your add change code create file files make please project update write'.split(
    ' ',
  ),
);

/** A crude stem, enough to let «tests» meet «testing». */
function stem(word: string): string {
  return word.replace(/(?:ations?|ing|ies|es|ed|s|y)$/u, '');
}

function terms(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}_.-]*[\p{L}\p{N}]|[\p{L}\p{N}]/gu) ?? [];
  return new Set(words.filter((word) => !common.has(word)).map(stem));
}

/** `auto`: at least two of the description's telling words are in the request, or the only one it has. */
function matchesDescription(description: string, prompt: string): string[] {
  const wanted = terms(description);
  const given = terms(prompt);
  const shared = [...wanted].filter((term) => given.has(term));
  return shared.length >= Math.min(2, wanted.size) ? shared : [];
}

function mentioned(file: SteeringFile, request: SteeringRequest): boolean {
  if (request.manual?.includes(file.name)) return true;
  const name = file.name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(^|\\s)[#/]${name}(?=[\\s.,;:!?)]|$)`, 'u').test(request.prompt);
}

function reasonFor(file: SteeringFile, request: SteeringRequest): string | undefined {
  if (file.inclusion === 'always') return 'always';
  if (mentioned(file, request)) return `named as #${file.name}`;
  if (file.inclusion === 'fileMatch') {
    const path = request.files.find((candidate) => appliesTo(file, candidate));
    return path === undefined ? undefined : `${path} matches ${file.patterns.join(', ')}`;
  }
  if (file.inclusion === 'auto' && file.description) {
    const shared = matchesDescription(file.description, request.prompt);
    return shared.length > 0 ? `the request speaks of ${shared.join(', ')}` : undefined;
  }
  return undefined;
}

/** The files that apply to a request, the user's own first, each with the reason. Pure. */
export function selectSteering(files: readonly SteeringFile[], request: SteeringRequest): Selected[] {
  const order = { user: 0, workspace: 1 };
  return [...files]
    .sort((a, b) => order[a.scope] - order[b.scope] || (a.path < b.path ? -1 : 1))
    .flatMap((file) => {
      const reason = reasonFor(file, request);
      return reason === undefined ? [] : [{ file, reason }];
    });
}
