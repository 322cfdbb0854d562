import type { Raised } from '@ambit/core/capability';
import type { Question } from './document.ts';

interface Choice {
  topic: string;
  text: string;
  /** Capabilities that make the choice matter. */
  when: readonly string[];
  /** Words that show the prompt has chosen already. */
  chosen: RegExp;
  /** Words without which the choice does not arise. */
  asked?: RegExp;
}

/**
 * Choices that change what is built and that nobody may guess. Each is asked only where the prompt opens it and does not
 * settle it: a sign-in without a method, money without a direction, roles without rights.
 */
const choices: readonly Choice[] = [
  {
    topic: 'authentication',
    text: 'how do people prove who they are: email and password, a link by email, a provider such as Google, or company sign-on?',
    when: ['login'],
    asked: /\b(log|sign)(s|ged|ging|ed|ing)?[- ]?in\b|\bauthenticat|\blogin\b/iu,
    chosen:
      /\b(passwords?|magic links?|oauth|oidc|saml|sso|google|github|apple|microsoft|facebook|passkeys?|jwt|ldap|cognito|auth0|okta|supabase|firebase|clerk|next-?auth|api keys?|tokens?|e-?mail)\b/iu,
  },
  {
    topic: 'ownership',
    text: 'who owns what several people work on, and what happens to it when that person leaves?',
    when: ['tenants', 'share-link'],
    asked: /\b(shared (workspaces?|boards?|documents?|projects?|lists?)|collaborat\w+|team workspaces?)\b/iu,
    chosen: /\b(own(s|ed|er|ers|ership)?|creators?|authors?|belongs?|their|members?|admins?)\b/iu,
  },
  {
    topic: 'retention',
    text: 'how long is personal data kept, and what happens to it when an account is closed?',
    when: ['sensitive-data'],
    asked: /\b(health|medical|patients?|passports?|biometric|criminal|location history)\b/iu,
    chosen: /\b(retain|retention|delete[sd]? after|kept for|days|months|years|gdpr|erase|purge)\b/iu,
  },
  {
    topic: 'money',
    text: 'who may move money out, up to which amount, and in which currency?',
    when: ['refund'],
    asked: /\b(refunds?|payouts?|withdraw\w*|transfer\w*)\b/iu,
    chosen: /\b(admins?|managers?|staff|support|owner|only|up to|limit|eur|usd|€|\d+ ?%)\b|\$\d/iu,
  },
  {
    topic: 'roles',
    text: 'which roles are there, and what may each of them do?',
    when: ['roles'],
    asked: /\b(roles|permissions|access levels|rbac)\b/iu,
    chosen:
      /\b(admins?|administrators?|editors?|viewers?|managers?|staff|owners?|members?|moderators?|teachers?|doctors?)\b/iu,
  },
];

/** Open choices of a prompt, in a fixed order; empty for a prompt that leaves none open. */
export function questionsOf(text: string, raised: readonly Raised[]): Question[] {
  const capabilities = new Set(raised.map((entry) => entry.capability));
  return choices
    .filter((choice) => choice.when.some((id) => capabilities.has(id)))
    .filter((choice) => (choice.asked?.test(text) ?? true) && !choice.chosen.test(text))
    .map(({ topic, text: question }) => ({ topic, text: question }));
}
