/** A group of security criteria that belong to no single feature: one requirement and one component each. */
export interface Theme {
  title: string;
  /** What the maintainer wants of it. */
  want: string;
  benefit: string;
  component: string;
  duty: string;
  /** Capabilities of the catalogue whose criteria it takes. */
  capabilities: readonly string[];
}

export const themes: readonly Theme[] = [
  {
    title: 'Protection of accounts and sessions',
    want: 'the System to protect accounts and sessions',
    benefit: 'nobody acts in the name of another',
    component: 'accounts',
    duty: 'Knows who calls, and proves it',
    capabilities: [
      'signup',
      'login',
      'session',
      'password-reset',
      'second-factor',
      'federated-login',
      'signed-token',
      'api-token',
      'invitations',
      'aws-cognito',
      'directory',
      'profile',
    ],
  },
  {
    title: 'Access rights',
    want: 'the System to decide on access in one place',
    benefit: 'each caller reaches only what a rule allows',
    component: 'access',
    duty: 'Decides whether a caller may do an action',
    capabilities: [
      'roles',
      'tenants',
      'object-access',
      'impersonation',
      'sensitive-data',
      'user-secrets',
      'privacy-rights',
      'moderation',
      'minors',
      'location',
      'approval-flow',
      'supabase',
      'firebase',
      'share-link',
      'private-messages',
    ],
  },
  {
    title: 'Protection of orders and money',
    want: 'the System to take no price or amount from a request',
    benefit: 'nobody pays less, or is paid more, than is right',
    component: 'money',
    duty: 'Takes sums from stored data only',
    capabilities: ['commerce', 'payment', 'refund'],
  },
  {
    title: 'Handling of files and programs',
    want: 'the System to handle files and programs safely',
    benefit: 'no upload or name reaches the rest of the server',
    component: 'files',
    duty: 'Names and checks what is received and made',
    capabilities: [
      'file-name',
      'upload',
      'media',
      'archive',
      'download',
      'tool-process',
      'user-code',
      'include-path',
      'backup',
      'aws-s3',
      'supabase-storage',
      'firebase-functions',
      'bulk-import',
      'export',
    ],
  },
  {
    title: 'Handling of input',
    want: 'the System to treat all input as data',
    benefit: 'no text that somebody sends is run',
    component: 'input',
    duty: 'Checks and binds what comes from outside',
    capabilities: [
      'data-store',
      'structured-input',
      'user-pattern',
      'evaluator',
      'number-range',
      'search',
      'object-merge',
      'concurrency',
      'mail-in',
      'url-fetch',
      'webhook-out',
      'llm',
      'agent-tools',
      'rag',
      'mcp-server',
      'aws-dynamodb',
      'public-api',
      'webhook-in',
    ],
  },
  {
    title: 'Honest counting',
    want: 'the System to count each person and action as what it is',
    benefit: 'no script and no second account decides a result',
    component: 'counting',
    duty: 'Tells people from scripts and counts each once',
    capabilities: ['bots', 'voting'],
  },
  {
    title: 'Protection in the browser',
    want: 'the System to give browsers nothing that can be turned against users',
    benefit: 'no page or link acts for somebody who did not ask',
    component: 'pages',
    duty: 'Encodes what goes out and checks where requests come from',
    capabilities: [
      'html-output',
      'browser-state',
      'user-content',
      'redirect',
      'nextjs',
      'browser-extension',
      'realtime',
    ],
  },
];

/** For what is in no theme, and for themes with too little to stand alone. */
export const general: Theme = {
  title: 'Security of operation',
  want: 'the System to withstand misuse',
  benefit: 'no user loses data, money or trust',
  component: 'operation',
  duty: 'Limits, errors, secrets and records',
  capabilities: [],
};

/** A theme with fewer criteria is carried by the general one. */
export const THEME_MINIMUM = 3;

export function themeOf(capability: string): Theme {
  return themes.find((theme) => theme.capabilities.includes(capability)) ?? general;
}
