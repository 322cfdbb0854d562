import * as z from 'zod/mini';
import type { ExpiryFacts } from './expiry.ts';
import type { Place } from './gaps.ts';
import type { RowQuery } from './ownership.ts';
import type { PeopleFacts } from './people.ts';
import type { Owners } from './told.ts';
import { mayBeUnchecked, uncheckedAt } from './unchecked.ts';

const KINDS = [
  'authentication',
  'identity',
  'unchecked',
  'authorization',
  'ownership',
  'validation',
  'shaped',
  'limit',
  'csrf',
  'signature',
  'writes',
  'reads',
  'body',
  'byId',
  'published',
  'coerced',
  'takesPassword',
  'checksPassword',
  'signsIn',
  'optional',
  'refuses',
  'event',
] as const;
export type EvidenceKind = (typeof KINDS)[number];

export const routeModelFile = z.strictObject({
  id: z.string(),
  about: z.string(),
  evidence: z.partialRecord(z.enum(KINDS), z.string()),
  /** Functions that say who is signed in, and go on when nobody is. */
  asks: z.string(),
  public: z.string(),
  open: z.string(),
  login: z.string(),
  admin: z.string(),
  webhook: z.string(),
  guardNames: z.string(),
  optional: z.string(),
});

/** What shows that a route is guarded, compiled from `catalog/frameworks/routes.yaml`. */
export interface RouteModel {
  evidence: ReadonlyMap<EvidenceKind, RegExp>;
  asks: RegExp;
  /** Paths that anybody may read, and paths that anybody may send to. */
  public: RegExp;
  open: RegExp;
  login: RegExp;
  admin: RegExp;
  webhook: RegExp;
  guardNames: RegExp;
  /** Guards that go on without anybody signed in. */
  optional: RegExp;
}

export function compileRouteModel(data: unknown): RouteModel {
  const file = routeModelFile.parse(data);
  return {
    evidence: new Map(
      KINDS.flatMap((kind) => {
        const pattern = file.evidence[kind];
        return pattern === undefined ? [] : [[kind, new RegExp(pattern)] as const];
      }),
    ),
    asks: new RegExp(`(?:${file.asks})\\s*\\(`),
    public: new RegExp(file.public, 'i'),
    open: new RegExp(file.open, 'i'),
    login: new RegExp(file.login, 'i'),
    admin: new RegExp(file.admin, 'i'),
    webhook: new RegExp(file.webhook, 'i'),
    guardNames: new RegExp(file.guardNames),
    optional: new RegExp(file.optional, 'i'),
  };
}

/** Kinds of evidence with the line where each was found. */
export type Evidence = Partial<Record<EvidenceKind, number>>;

/** Every string in order, so that what stands between two of them is never taken for one. */
const STRINGS = /(['"])(?:\\.|(?!\1)[^\\\n])*\1|`(?:\\[\s\S]|[^`\\])*`/g;
const STATEMENT =
  /\b(?:SELECT|INSERT|UPDATE|DELETE|WHERE)\b|\b(?:select\b.*\bfrom|insert into|update \w+ set|delete from)\b|=/;

/** Words for people, `'You are not authorized'`: they show nothing about what the code does. */
const isMessage = (text: string): boolean => text[0] !== '`' && text.includes(' ') && !STATEMENT.test(text);

/** Comments of scripts as blanks, so that offsets stay true. */
const COMMENTS = /\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
export const uncommented = (code: string): string =>
  code.replaceAll(COMMENTS, (comment) => comment.replaceAll(/[^\n]/g, ' '));

/** What a part of a file can show at all. */
export interface Shown {
  evidence: ReadonlyMap<EvidenceKind, RegExp>;
  unchecked: boolean;
}

/** What a whole file shows: its functions, which are many, are asked for nothing else. */
export function shownBy(model: RouteModel, text: string): Shown {
  const bare = uncommented(text);
  const evidence = new Map([...model.evidence].filter(([, pattern]) => pattern.test(bare)));
  return { evidence, unchecked: mayBeUnchecked(bare, model.asks) };
}

/** `shown` is what the file around the code shows; absent, everything is asked for. */
export function evidenceIn(
  model: RouteModel,
  code: string,
  lineAt: (offset: number) => number,
  shown: Shown = { evidence: model.evidence, unchecked: true },
): Evidence {
  const found: Evidence = {};
  if (shown.evidence.size === 0 && !shown.unchecked) return found;
  const bare = uncommented(code).replaceAll(STRINGS, (whole) =>
    isMessage(whole) ? whole.replaceAll(/[^\n'"]/g, ' ') : whole,
  );
  shown.evidence.forEach((pattern, kind) => {
    const at = bare.search(pattern);
    if (at >= 0) found[kind] = lineAt(at);
  });
  const unchecked = shown.unchecked ? uncheckedAt(bare, model.asks) : undefined;
  if (unchecked !== undefined) found.unchecked = lineAt(unchecked);
  return found;
}

/** Evidence in front of a route: a name or call that guards it. */
export interface Guard {
  text: string;
  line: number;
  evidence: Evidence;
  /** Where it is made, when that is in another file. */
  ref?: string;
  /** What it takes from the application, `app.authenticate`. */
  decorated?: string[];
  /** It asks for a right only when it is told which, and it is told none. */
  untold?: true;
}

/** One entry point as its own file shows it. */
export interface RouteFact {
  framework: string;
  method: string;
  path: string;
  line: number;
  endLine: number;
  /** The variable or class the route hangs on; routes of one file with the same router share its middleware. */
  router: string;
  guards: Guard[];
  evidence: Evidence;
  /** Where the handler is, when it is in another file: `./controllers/users.list`. */
  handler?: string;
  /** Functions of other files that it calls. */
  calls?: string[];
  /** It says itself that the guards of the whole application are not for it. */
  skips?: true;
  /** What it asks about who is calling before it turns somebody away. */
  refusals?: string[];
}

/** `app.use('/api', requireAuth, router)`. */
export interface MountFact {
  router: string;
  path: string;
  line: number;
  guards: Guard[];
  /** The router that is mounted: a name in this file or a reference to another one. */
  target?: string;
}

export const PLACE_KINDS = [
  /** Guards that are imported or made here and used nowhere. */
  'unused-guard',
  /** Guards that refuse nobody. */
  'hollow-guard',
  /** Guards that let through whom they could not check. */
  'swallowed-refusal',
  /** Functions that should make a value safe and give it back as it was. */
  'idle-cleaner',
  /** Functions that look an account up for a log-in and not at its password. */
  'no-password',
  /** Comparisons of passwords as they are. */
  'plain-password',
  /** Signatures that are made and never compared. */
  'idle-signature',
  /** Reads of whose rows are meant from what is sent, where nothing asks who sent it. */
  'told-owner',
  /** Parameters that say whose rows are meant, in functions that do not use them. */
  'unused-owner',
  /** Properties that nothing validates, in a class whose other properties are. */
  'unvalidated-property',
  /** Fields that are made safe elsewhere in the file and not here. */
  'uncleaned-field',
  /** Validations whose verdict nobody looks at. */
  'unlooked-validation',
  /** What somebody may do, looked up and not asked. */
  'unasked-right',
  /** Answers about passwords, signatures and rights that nothing looks at. */
  'unasked-verdict',
  /** Uploads of which the type is looked at and not the size, or the other way round. */
  'unmeasured-upload',
  /** Sets of all rows, where others of the file are those of whoever calls. */
  'unscoped-set',
  /** Records made without their owner, where others of the file are made with it. */
  'unowned-save',
  /** Records with a password that are sent as they are, where others of the file are sent by a model of what is told. */
  'whole-record',
  /** Functions that ask for no right, where those beside them do. */
  'right-of-neighbours',
  /** Views that change something for whoever follows a link. */
  'changed-by-link',
  /** Texts of any length, where the others of the class end somewhere. */
  'unbound-text',
] as const;
export type PlaceKind = (typeof PLACE_KINDS)[number];

export interface Middleware {
  framework: 'next' | 'sveltekit' | 'nuxt';
  matchers: string[];
  evidence: Evidence;
}

export interface RouteFacts {
  routes: RouteFact[];
  mounts: MountFact[];
  /** What exported functions show, for routes whose handlers they are. */
  functions: Record<string, Evidence>;
  /** Functions of other files that they call. */
  calls: Record<string, string[]>;
  /** What they ask about who is calling before they turn somebody away. */
  refusals?: Record<string, string[]>;
  /** `middleware.ts`: which paths it sees, for the routes of which framework, and what it shows. */
  middleware?: Middleware;
  /** What `decorate('authenticate', …)` of Fastify puts on the application. */
  decorated?: Record<string, Evidence>;
  /** What the file shows by itself, by what the rules call it. */
  places: Partial<Record<PlaceKind, Place[]>>;
  /** It puts a guard in front of all routes of the application. */
  globalGuard: boolean;
  owners?: Owners;
  /** It puts a limit of calls in front of all of them. */
  globalLimit?: true;
  queries: RowQuery[];
  /** Columns in which whoever calls is kept, and those filled with what was sent under their name. */
  callers?: string[];
  told?: Place[];
  people?: PeopleFacts;
  /** What an index passes on from other files, by the name it gives it; everything of some by `*`. */
  passes?: Record<string, string[]>;
  expiry?: ExpiryFacts;
}
