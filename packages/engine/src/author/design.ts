import {
  type Boundary,
  type Component,
  criterionId,
  type DesignData,
  type Entity,
  type Property,
  type RequirementsData,
} from './document.ts';
import { capitalise, plural } from './text.ts';
import { general } from './themes.ts';

/** Where code of a project lives, found by the survey; a new project gets `src` and `test`. */
export interface Layout {
  source: string;
  test: string;
  /** Names of what the project already uses, for the overview. */
  stack: string[];
  /** Files that a small change most likely belongs to. */
  files?: readonly string[];
}

export const newLayout: Layout = { source: 'src', test: 'test', stack: [] };

function folderOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  return slug || 'feature';
}

const accountDeeds = new Set(['signup', 'login', 'reset']);

function uses(data: RequirementsData, ...capabilities: string[]): boolean {
  return data.security.some((one) => capabilities.includes(one.id.split('/')[0] ?? ''));
}

function componentsOf(data: RequirementsData, layout: Layout): Component[] {
  const byName = new Map<string, Component>();
  const put = (name: string, duty: string, index: number) => {
    const folder = folderOf(name);
    const known = byName.get(folder);
    if (known) {
      known.requirements.push(index);
      return;
    }
    byName.set(folder, {
      name: capitalise(name),
      duty,
      files: [`${layout.source}/${folder}/**`, `${layout.test}/${folder}/**`],
      requirements: [index],
    });
  };
  for (const [index, requirement] of data.requirements.entries()) {
    const { feature } = requirement;
    const theme = requirement.theme ?? (feature ? undefined : general);
    if (!feature) put(theme?.component ?? 'operation', theme?.duty ?? '', index + 1);
    else if (accountDeeds.has(feature.deed)) put('accounts', 'Knows who calls, and proves it', index + 1);
    else if (feature.object) put(plural(feature.object), `Rules and routes for ${plural(feature.object)}`, index + 1);
    else put(data.title.split(' ').slice(0, 3).join(' '), `Rules and routes to ${requirement.want}`, index + 1);
  }
  return [...byName.values()];
}

const common = [
  { name: 'id', type: 'random identifier', note: 'at least 128 random bits, made by the System' },
  { name: 'createdAt', type: 'time', note: 'UTC, set by the System' },
];

function entitiesOf(data: RequirementsData): Entity[] {
  const entities = new Map<string, Entity>();
  const owned = uses(data, 'object-access', 'session', 'login', 'commerce', 'user-secrets');
  for (const { feature } of data.requirements) {
    if (!feature) continue;
    if (accountDeeds.has(feature.deed)) {
      entities.set('account', {
        name: 'Account',
        fields: [
          ...common,
          { name: 'email', type: 'text', note: 'unique, at most 254 characters, never shown to others' },
          { name: 'passwordHash', type: 'text', note: 'salted slow hash; the password itself is never stored' },
          { name: 'confirmedAt', type: 'time or nothing', note: 'set when the address was proven' },
        ],
      });
      continue;
    }
    if (!feature.object || entities.has(feature.object)) continue;
    const fields = [...common];
    if (owned) fields.push({ name: 'ownerId', type: 'identifier', note: 'who acts, never a field of the request' });
    fields.push(...fieldsFor(feature.deed, feature.object));
    entities.set(feature.object, { name: capitalise(feature.object), fields });
  }
  return [...entities.values()];
}

function fieldsFor(deed: string, object: string): Entity['fields'] {
  if (deed === 'pay' || deed === 'refund')
    return [
      { name: 'amount', type: 'whole number of the smallest unit', note: 'greater than 0, set by the System' },
      { name: 'currency', type: 'ISO 4217 code', note: 'one of the listed currencies' },
      { name: 'state', type: 'open, paid, failed', note: 'changed only by a proven word of the provider' },
    ];
  if (deed === 'book')
    return [
      { name: 'startsAt', type: 'time', note: 'UTC, in the future when it is reserved' },
      { name: 'endsAt', type: 'time', note: 'after startsAt' },
    ];
  if (deed === 'rate') return [{ name: 'value', type: 'whole number', note: 'from 1 to 5' }];
  if (deed === 'upload')
    return [
      { name: 'storedName', type: 'text', note: 'made by the System, never the name that was sent' },
      { name: 'size', type: 'whole number of bytes', note: 'at most 10 MiB' },
      { name: 'type', type: 'media type', note: 'one of the listed types, found from the content' },
    ];
  return [
    { name: 'title', type: 'text', note: `what the ${object} is called, at most 200 characters` },
    { name: 'updatedAt', type: 'time', note: 'UTC, changed with every change; guards against lost updates' },
  ];
}

interface Edge {
  when: (data: RequirementsData) => boolean;
  boundary: Boundary;
  node: string;
}

const outer: readonly Edge[] = [
  {
    when: (data) => uses(data, 'payment', 'refund'),
    node: 'Payment provider',
    boundary: {
      from: 'System',
      to: 'Payment provider',
      crosses: 'amounts and references',
      guard: 'signatures checked, amounts taken from stored data',
    },
  },
  {
    when: (data) => uses(data, 'send-message', 'signup', 'password-reset', 'invitations'),
    node: 'Mail provider',
    boundary: {
      from: 'System',
      to: 'Mail provider',
      crosses: 'addresses and single-use links',
      guard: 'no secrets in mails, sending limits',
    },
  },
  {
    when: (data) => uses(data, 'upload', 'media', 'archive', 'download', 'file-name'),
    node: 'File store',
    boundary: {
      from: 'System',
      to: 'File store',
      crosses: 'uploaded files',
      guard: 'own names, type by content, size limits',
    },
  },
  {
    when: (data) => uses(data, 'url-fetch', 'webhook-out'),
    node: 'Other hosts',
    boundary: {
      from: 'System',
      to: 'Other hosts',
      crosses: 'outgoing requests',
      guard: 'public addresses only, time and size limits',
    },
  },
  {
    when: (data) => uses(data, 'llm', 'agent-tools', 'rag'),
    node: 'Language model',
    boundary: {
      from: 'System',
      to: 'Language model',
      crosses: 'prompts and answers',
      guard: 'only data the user may read, answers are untrusted',
    },
  },
  {
    when: (data) => uses(data, 'tool-process', 'user-code'),
    node: 'Started programs',
    boundary: {
      from: 'System',
      to: 'Started programs',
      crosses: 'arguments and files',
      guard: 'argument array without a shell, limits, own folder',
    },
  },
  {
    when: (data) => uses(data, 'webhook-in', 'mail-in'),
    node: 'Senders of events',
    boundary: {
      from: 'Senders of events',
      to: 'System',
      crosses: 'messages',
      guard: 'signature, time and event id checked',
    },
  },
];

function boundariesOf(data: RequirementsData): { edges: Edge[]; boundaries: Boundary[] } {
  const edges = outer.filter((edge) => edge.when(data));
  const boundaries: Boundary[] = [
    {
      from: 'Callers',
      to: 'System',
      crosses: 'every request',
      guard: 'input checked against a schema, identity never taken from the request, limits per client',
    },
    {
      from: 'System',
      to: 'Data store',
      crosses: 'queries and records',
      guard: 'bound parameters, an account with the least rights',
    },
    ...edges.map((edge) => edge.boundary),
  ];
  return { edges, boundaries };
}

function diagramOf(components: readonly Component[], edges: readonly Edge[]): string {
  const lines = ['flowchart LR', '  subgraph outside["Untrusted"]', '    caller["Callers"]'];
  for (const [index, edge] of edges.entries()) lines.push(`    out${index}["${edge.node}"]`);
  lines.push('  end', '  subgraph inside["System"]');
  for (const [index, component] of components.entries()) lines.push(`    part${index}["${component.name}"]`);
  lines.push('  end', '  subgraph store["Kept data"]', '    data[("Data store")]', '  end');
  for (const index of components.keys()) {
    lines.push(`  caller --> part${index}`, `  part${index} --> data`);
  }
  const last = Math.max(0, components.length - 1);
  for (const [index, edge] of edges.entries())
    lines.push(edge.boundary.from === 'System' ? `  part${last} --> out${index}` : `  out${index} --> part${last}`);
  return lines.join('\n');
}

const byDeed: Record<string, (thing: string) => Property> = {
  create: (thing) => ({
    title: 'Round trip',
    text: `*For any* valid ${thing}, reading it after it was stored SHALL give the same values.`,
    validates: [],
  }),
  delete: (thing) => ({
    title: 'Deletion is complete',
    text: `*For any* stored ${thing}, no list or request SHALL return it after its deletion.`,
    validates: [],
  }),
  search: (thing) => ({
    title: 'Search is sound',
    text: `*For any* search term and any stored ${thing}, the result SHALL hold the ${thing} exactly when it matches the term.`,
    validates: [],
  }),
  book: (thing) => ({
    title: 'No double booking',
    text: `*For any* two requests for the same time, at most one SHALL hold the ${thing}.`,
    validates: [],
  }),
  pay: () => ({
    title: 'Charged once',
    text: '*For any* number of repeated payment requests, the charged sum SHALL be the amount of the order once.',
    validates: [],
  }),
  process: () => ({
    title: 'Deterministic result',
    text: '*For any* valid input, two runs SHALL give the same result.',
    validates: [],
  }),
  rate: (thing) => ({
    title: 'One voice each',
    text: `*For any* sequence of votes of one person on one ${thing}, the stored sum SHALL count that person once.`,
    validates: [],
  }),
  login: () => ({
    title: 'Sessions are bound to one account',
    text: '*For any* two accounts, a session of one SHALL never read or change data of the other.',
    validates: [],
  }),
};

const accessCriteria =
  /^(object-access|tenants|commerce|user-secrets|profile|private-messages)\/|\/(owner|check-owner)$/;

function propertiesOf(data: RequirementsData): Property[] {
  const found: Property[] = [];
  for (const [index, { feature }] of data.requirements.entries()) {
    const make = feature && byDeed[feature.deed];
    if (make && found.length < 6)
      found.push({ ...make(feature.object || 'record'), validates: [criterionId(data, index, 0)] });
  }
  const accepted = data.security.flatMap((one) =>
    one.state.kind === 'accepted' ? [{ id: one.id, as: one.state.as }] : [],
  );
  const access = accepted.filter((one) => accessCriteria.test(one.id)).map((one) => one.as);
  if (access.length > 0)
    found.push({
      title: 'Isolation between callers',
      text: '*For any* two callers and any record of the first, every request of the second for it SHALL be answered as for a missing record.',
      validates: access.slice(0, 4),
    });
  const input = accepted.filter((one) => /\/(bind|no-shell|contain|encode|no-eval|input|range|one-line)$/.test(one.id));
  if (input.length > 0)
    found.push({
      title: 'Input stays data',
      text: '*For any* text in any field, the stored and returned value SHALL be that text and no other record, file or process SHALL change.',
      validates: input.map((one) => one.as).slice(0, 6),
    });
  return found;
}

/** The design of a change of what is there: where it goes and how it is held, and no more. */
function smallDesign(data: RequirementsData, layout: Layout): DesignData {
  const known = layout.files ?? [];
  const files = known.length > 0 ? [...known, `${layout.test}/**`] : [`${layout.source}/**`, `${layout.test}/**`];
  const where = known.length > 0 ? `It most likely belongs to ${known.map((file) => `\`${file}\``).join(', ')}.` : '';
  return {
    title: data.title,
    overview: `${data.summary} ${where}`.trim(),
    diagram: '',
    components: [
      {
        name: 'Change',
        duty: 'The smallest change that does what was asked',
        files,
        requirements: data.requirements.map((_, index) => index + 1),
      },
    ],
    entities: [],
    boundaries: [],
    properties: [],
    errors: [],
    testing: ['A test fails before the change and passes after it; the tests that passed before still pass.'],
  };
}

/** Requirements to design as data. Pure and total. */
export function writeDesign(data: RequirementsData, layout: Layout = newLayout): DesignData {
  if (data.small) return smallDesign(data, layout);
  const components = componentsOf(data, layout);
  const { edges, boundaries } = boundariesOf(data);
  const stack =
    layout.stack.length > 0 ? ` The project already uses ${layout.stack.join(', ')}; new code follows its layout.` : '';
  return {
    title: data.title,
    overview: `${capitalise(data.title)} is built from ${components.length} component${components.length === 1 ? '' : 's'}: ${components.map((one) => one.name).join(', ')}.${stack} Every request crosses one trust boundary, at which identity, input and limits are checked before any rule of the application runs.`,
    diagram: diagramOf(components, edges),
    components,
    entities: entitiesOf(data),
    boundaries,
    properties: propertiesOf(data),
    errors: [
      'Input that does not match its schema: 400 with the name of the field, nothing stored.',
      'No proof of identity: 401. A caller without the right: 403, or the answer of a missing record where the record must stay unknown.',
      'A limit is exceeded: 413 for size, 429 with Retry-After for rate.',
      'Anything unexpected: 500 with a general text; details go to the log, without secrets.',
    ],
    testing: [
      'Each acceptance criterion has a test that names it, as `spec/N.M`, in its title.',
      'Each correctness property has a property test with at least 100 runs.',
      'Each security criterion has a negative test that fails when its control is removed.',
    ],
  };
}
