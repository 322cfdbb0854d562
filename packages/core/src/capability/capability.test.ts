import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { type CriteriaCatalog, criterionText, parseCriteria } from '../catalog/index.ts';
import {
  coveredBy,
  type Decision,
  decisionFence,
  detect,
  openCriteria,
  parseDecisions,
  printDecision,
  rank,
  statements,
} from './index.ts';

const catalog = parseCriteria(await readCatalogSources('criteria'));
const raise = (text: string) => rank(detect(text, catalog), catalog);
const ids = (text: string) => raise(text).map((one) => one.criterion.id);

describe('statements', () => {
  it('splits sentences, list items and rows, and knows their lines', () => {
    const found = statements('First one. Second\none goes on.\n\n- item a\n- item b\n\n| x | y |\n| 1 | 2 |');
    assert.deepEqual(
      found.map((one) => [one.line, one.text]),
      [
        [1, 'First one.'],
        [1, 'Second one goes on.'],
        [4, '- item a'],
        [5, '- item b'],
        [7, '| x | y |'],
        [8, '| 1 | 2 |'],
      ],
    );
  });

  it('splits at full stops of other scripts', () => {
    assert.equal(statements('用户可以登录。用户可以上传文件。').length, 2);
  });

  it('cuts an endless line into pieces', () => {
    assert.ok(statements('x'.repeat(5_000)).every((one) => one.text.length <= 1_000));
  });
});

describe('detect', () => {
  it('finds every capability in its match samples and in none of its no-match samples', () => {
    for (const entry of catalog.capabilities) {
      const { implies: _, ...alone } = entry;
      const only: CriteriaCatalog = { ...catalog, capabilities: [alone] };
      for (const text of entry.samples?.match ?? [])
        assert.equal(detect(text, only).capabilities.length, 1, `${entry.id} should be found in: ${text}`);
      for (const text of entry.samples?.['no-match'] ?? [])
        assert.equal(detect(text, only).capabilities.length, 0, `${entry.id} should not be found in: ${text}`);
    }
  });

  it('quotes the words that raised a capability, with their line', () => {
    const found = detect('A shop.\n\nCustomers upload a picture of the damage.', catalog).capabilities;
    const upload = found.find((entry) => entry.capability.id === 'upload');
    assert.deepEqual(upload?.cue, { quote: 'Customers upload a picture of the damage.', line: 3 });
  });

  it('brings implied capabilities with less certainty and names where they come from', () => {
    const found = detect('Users can sign up.', catalog).capabilities;
    const signup = found.find((entry) => entry.capability.id === 'signup');
    const session = found.find((entry) => entry.capability.id === 'session');
    assert.ok(signup && session);
    assert.equal(session.impliedBy, 'login');
    assert.ok(session.relevance < signup.relevance);
  });

  it('knows that what keeps accounts or links keeps a store', () => {
    for (const text of ['Members log in with a PIN.', 'Anyone with the link may read it.']) {
      const store = detect(text, catalog).capabilities.find((entry) => entry.capability.id === 'data-store');
      assert.ok(store?.impliedBy !== undefined, text);
    }
  });

  it('finds nothing in a text about nothing, and survives any text', () => {
    assert.deepEqual(detect('Fix the typo on the poster.', catalog).capabilities, []);
    for (const text of ['', '\n\n', '\u0000', '🦊'.repeat(500), '('.repeat(10_000), '\ud800']) detect(text, catalog);
  });
});

describe('rank', () => {
  it('raises for accounts, among the first ten, what such a feature is attacked by', () => {
    const first = raise('Users can create accounts').slice(0, 10);
    const texts = first.map((one) => criterionText(one.criterion));
    assert.ok(
      texts.some((text) => /argon2id.*\d+ MiB.*\d+ passes/.test(text)),
      'password hashing with parameters',
    );
    assert.ok(
      texts.some((text) => /\d+ .*within \d+ minutes.*429/.test(text)),
      'rate limit with numbers and 429',
    );
    assert.ok(
      texts.some((text) => /malformed.*400/.test(text)),
      'input validation',
    );
    assert.ok(
      texts.some((text) => /WHERE a browser.*anti-forgery/.test(text)),
      'cross-site request forgery',
    );
    assert.ok(
      texts.some((text) => /already has an account.*same status/.test(text)),
      'no enumeration',
    );
    assert.ok(
      texts.some((text) => /proven control of the email address/.test(text)),
      'address proof',
    );
  });

  it('raises the same family however accounts are asked for, in other languages and in a Kiro document', () => {
    const family = [
      'signup/hash',
      'signup/input',
      'signup/no-enumeration',
      'signup/prove-address',
      'browser-state/anti-forgery',
      'login/attempts',
    ];
    for (const text of [
      'people sign up with e-mail',
      'registration and login',
      'Let people make an account',
      'As a visitor I want to register so that I can come back',
      'Nutzer können Konten anlegen',
      'Kunden legen ein Konto an',
      'Los usuarios pueden crear cuentas',
      'Usuários podem criar contas',
      "Les visiteurs s'inscrivent avec leur adresse e-mail",
      'ユーザーはアカウントを作成できる',
      '用户可以创建账户',
      [
        '# Requirements Document\n\n## Introduction\n\nThe feature lets visitors create an account.\n',
        '## Requirements\n\n### Requirement 1\n',
        '**User Story:** As a visitor, I want to create an account with my email and a password, so that the site knows me.\n',
        '#### Acceptance Criteria\n',
        '1. WHEN a visitor submits the registration form THEN the system SHALL create an account.',
        '2. IF the email is missing THEN the system SHALL show a message.\n',
      ].join('\n'),
    ]) {
      const first = ids(text).slice(0, 10);
      for (const id of family) assert.ok(first.includes(id), `${id} for: ${text} (${first.join(' ')})`);
    }
  });

  it('asks for no anti-forgery value where no browser is implied', () => {
    const text = 'A JSON API. POST /register creates an account. POST /login returns a token.';
    assert.ok(!ids(text).includes('browser-state/anti-forgery'));
    assert.ok(ids('A web site where users log in.').includes('browser-state/anti-forgery'));
  });

  it('gives each topic a place before any topic a second', () => {
    const topics = raise('Users upload photos, comment on them and pay for prints.')
      .slice(0, 6)
      .map((one) => catalog.topicOf(one.criterion.cwe[0] ?? ''));
    assert.ok(new Set(topics).size >= 5, topics.join(' '));
  });

  it('numbers from 1, bounds the list, and is the same every time', () => {
    const text = 'Users log in, upload, pay, chat, search, export, import and share.';
    const raised = raise(text);
    assert.ok(raised.length <= 30);
    assert.deepEqual(
      raised.map((one) => one.rank),
      raised.map((_, index) => index + 1),
    );
    assert.deepEqual(ids(text), ids(text));
    assert.equal(rank(detect(text, catalog), catalog, { limit: 3 }).length, 3);
    assert.ok(rank(detect(text, catalog), catalog, { level: 1 }).every((one) => one.criterion.level === 1));
  });

  it('raises what keeps turning up in code that models write', () => {
    const allergies = ids('A family allergy app with login.');
    for (const id of ['login/attempts', 'session/flags']) assert.ok(allergies.includes(id), id);
    const racing = ids('A multiplayer racing game with high scores.');
    for (const id of ['realtime/origin', 'voting/server-score']) assert.ok(racing.includes(id), id);
    assert.ok(ids('Login returns a JWT and a refresh token.').includes('signed-token/key'));
  });
});

describe('coveredBy', () => {
  const covered = (id: string, text: string) => {
    const criterion = catalog.criterion(id);
    assert.ok(criterion, id);
    return coveredBy(criterion, [{ id: '1.1', text }], catalog)?.id;
  };

  it('recognises every criterion in its own words', () => {
    for (const one of catalog.capabilities.flatMap((entry) => entry.criteria))
      assert.equal(covered(one.id, criterionText(one)), '1.1', one.id);
  });

  it('recognises the same meaning in other words', () => {
    for (const [id, text] of [
      ['signup/hash', 'The System SHALL hash passwords with bcrypt (cost 12) before storing them.'],
      ['login/attempts', 'IF a user fails to sign in 5 times THEN THE System SHALL lock the account for 15 minutes.'],
      ['browser-state/anti-forgery', 'THE System SHALL require a CSRF token on every state-changing request.'],
      ['data-store/bind', 'THE System SHALL use parameterized queries for every database query.'],
      ['upload/size', 'IF an uploaded file exceeds 5 MB THEN the system SHALL reject the upload.'],
      ['session/timeout', 'The system SHALL expire sessions after 30 minutes of inactivity.'],
      ['object-access/check-owner', 'IF a user requests an object of another user, THEN the system SHALL answer 404.'],
      ['user-content/encode', 'The system SHALL escape HTML in comments when they are shown.'],
    ] as const)
      assert.equal(covered(id, text), '1.1', id);
  });

  it('does not take a shared word or a waiver for the criterion', () => {
    assert.equal(
      covered('signup/hash', 'WHEN a user enters a password THE System SHALL show its strength.'),
      undefined,
    );
    assert.equal(covered('signup/hash', 'Passwords need not be hashed with bcrypt in the prototype.'), undefined);
    assert.equal(covered('browser-state/anti-forgery', 'THE System SHALL show the origin of each product.'), undefined);
    assert.equal(covered('upload/type', 'WHEN a file was uploaded THE System SHALL show its name.'), undefined);
  });
});

describe('decisions', () => {
  const decision = (state: string, quote: string) => `upload/type: ${state} [CWE-434 V5.2.2] from line 3 "${quote}"`;
  const document = (lines: string[], text = 'Members upload a picture.') =>
    `# Requirements Document\n\n${text}\n\n## Security Criteria\n\n\`\`\`${decisionFence}\n${lines.join('\n')}\n\`\`\`\n`;
  const openIds = (text: string, criteria: { id: string; text: string; line: number }[] = []) =>
    openCriteria({ document: text, criteria }, catalog).map((one) => one.criterion.id);

  it('are printed and read back', () => {
    for (const state of [
      { kind: 'accepted', as: '1.2' },
      { kind: 'covered', by: '3.4' },
      { kind: 'not-applicable', reason: 'only staff upload, from [one] folder' },
    ] as const) {
      const one: Decision = { id: 'upload/type', state, cue: { quote: 'Members "upload" a ``` picture', line: 7 } };
      const read = parseDecisions(document([printDecision(one, ['CWE-434'])]))[0];
      assert.deepEqual(read?.state, state);
      assert.equal(read?.cue.line, 7);
    }
  });

  it('close a criterion while the words that raised it stand, and reopen it when they change', () => {
    const refused = decision('not applicable because only staff upload', 'Members upload a picture.');
    assert.ok(openIds(document([])).includes('upload/type'));
    assert.ok(!openIds(document([refused])).includes('upload/type'));
    const changed = openCriteria(
      { document: document([refused], 'Anyone may upload a picture.'), criteria: [] },
      catalog,
    ).find((one) => one.criterion.id === 'upload/type');
    assert.equal(changed?.reopened, 'only staff upload');
  });

  it('need the criterion they name', () => {
    const text = document([decision('accepted as 1.2', 'Members upload a picture.')]);
    assert.ok(openIds(text).includes('upload/type'));
    assert.ok(!openIds(text, [{ id: '1.2', text: 'Anything.', line: 99 }]).includes('upload/type'));
  });

  it('count for nothing when their line is broken', () => {
    assert.ok(openIds(document(['upload/type: not applicable'])).includes('upload/type'));
    assert.deepEqual(parseDecisions('upload/type: accepted as 1.2 from line 1 "x"'), []);
  });

  it('do not raise what the accepted criteria themselves name', () => {
    const criteria = [{ id: '1.1', text: 'THE System SHALL set session cookies for admins.', line: 3 }];
    const text = document(['session/flags: accepted as 1.1 [CWE-614] from line 3 "x"'], criteria[0]!.text);
    assert.deepEqual(openIds(text, criteria), []);
  });

  it('read the design for what only it names', () => {
    const reading = { document: '# Requirements\n\nMembers see their points.\n', criteria: [] };
    const ids = (design?: string) =>
      openCriteria({ ...reading, ...(design ? { design } : {}) }, catalog).map((one) => one.criterion.id);
    assert.ok(!ids().includes('signed-token/verify'));
    assert.ok(ids('The API expects a JWT.').includes('signed-token/verify'));
  });
});
