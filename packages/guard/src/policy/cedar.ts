import { AmbitError, messageOf } from '@ambit/core/errors';
import type { Request } from '@ambit/core/policy-model';
import type { Label, RuleVerdict, RunRef } from '@ambit/core/schema';
import type { Resolved } from '../grant.ts';
import { requestsOf } from './requests.ts';

/** A Cedar policy file as found: `policy.cedar` beside an organisation's or user's `policy.yaml`. */
export interface CedarFile {
  source: string;
  text: string;
}

interface EntityId {
  type: string;
  id: string;
}

/** The part of Cedar's own package that is used. */
interface Cedar {
  isAuthorized: (call: {
    principal: EntityId;
    action: EntityId;
    resource: EntityId;
    context: Record<string, unknown>;
    policies: { staticPolicies: string };
    entities: never[];
  }) =>
    | {
        type: 'success';
        response: { decision: string; diagnostics: { reason: string[]; errors: { policyId: string }[] } };
      }
    | { type: 'failure'; errors: { message: string }[] };
  checkParsePolicySet: (policies: { staticPolicies: string }) => { type: string; errors?: { message: string }[] };
}

/** Everything not forbidden is permitted here; the rules of the other files decide what is allowed. */
const permitAll = '\npermit(principal, action, resource);\n';

/** Not a literal, so that the bundle leaves Cedar's WebAssembly where it is installed. */
const cedarPackage = ['@cedar-policy', 'cedar-wasm', 'nodejs'].join('/');

/** Loads Cedar and checks the files. Throws when it is not installed or a file does not parse: then nothing is allowed. */
async function loadCedar(files: readonly CedarFile[]): Promise<Cedar> {
  let cedar: Cedar;
  try {
    const loaded = (await import(cedarPackage)) as Cedar & { default?: Cedar };
    cedar = loaded.default ?? loaded;
  } catch (error) {
    throw new AmbitError(
      'environment',
      `Cedar policies need the package @cedar-policy/cedar-wasm: ${messageOf(error)}`,
      {
        where: files[0]?.source ?? 'policy.cedar',
        hint: 'install it beside Ambit: npm install @cedar-policy/cedar-wasm',
      },
    );
  }
  for (const { source, text } of files) {
    const parsed = cedar.checkParsePolicySet({ staticPolicies: text });
    if (parsed.type !== 'success') {
      throw new AmbitError('input.broken', `not a Cedar policy: ${parsed.errors?.[0]?.message ?? 'unreadable'}`, {
        where: source,
      });
    }
  }
  return cedar;
}

/** What Cedar is asked about: parts of one action, or one changed path. */
interface CedarSubject {
  run: RunRef;
  labels: readonly Label[];
  requests: readonly Request[];
}

function forbids(cedar: Cedar, { source, text }: CedarFile, { run, labels, requests }: CedarSubject): RuleVerdict[] {
  const deny = (rule: string, reason: string): RuleVerdict => ({ rule, effect: 'deny', source, reason });
  return requests.flatMap(({ capability, value, classes }) => {
    const answer = cedar.isAuthorized({
      principal: { type: 'Run', id: run.kind },
      action: { type: 'Action', id: capability },
      resource: { type: 'Resource', id: value },
      context: {
        value,
        classes: [...classes],
        labels: [...labels],
        spec: run.spec ?? '',
        task: run.task ?? '',
        hook: run.hook ?? '',
        depth: run.depth,
      },
      policies: { staticPolicies: text + permitAll },
      entities: [],
    });
    if (answer.type !== 'success')
      return [deny('cedar.failed', `Cedar could not decide: ${answer.errors[0]?.message ?? 'unknown'}`)];
    const { decision, diagnostics } = answer.response;
    // Cedar skips a policy that fails; a forbidding one that fails must not allow.
    const [failed] = diagnostics.errors;
    if (failed) return [deny('cedar.failed', `\`${failed.policyId}\` could not be evaluated`)];
    return decision === 'allow'
      ? []
      : [deny(`cedar.${diagnostics.reason[0] ?? 'forbid'}`, 'forbidden by the Cedar policy')];
  });
}

export interface CedarVoice {
  judge: (resolved: Resolved) => Promise<RuleVerdict[]>;
  /** Its word on requests that belong to no action: paths that a command has already changed. */
  judgeRequests: (subject: CedarSubject) => Promise<RuleVerdict[]>;
}

/** The voice of Cedar policies: it can only forbid. Cedar is loaded at the first question, where there are such files. */
export function cedarVoice(files: readonly CedarFile[]): CedarVoice {
  let loaded: Promise<Cedar> | undefined;
  const judgeRequests: CedarVoice['judgeRequests'] = async (subject) => {
    if (files.length === 0) return [];
    loaded ??= loadCedar(files);
    const cedar = await loaded;
    return files.flatMap((file) => forbids(cedar, file, subject));
  };
  return {
    judgeRequests,
    judge: (resolved) => judgeRequests({ ...resolved.action, requests: files.length > 0 ? requestsOf(resolved) : [] }),
  };
}
