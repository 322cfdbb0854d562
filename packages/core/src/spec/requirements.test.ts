import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseBugfix, parseRequirements } from './requirements.ts';

const ids = (text: string) =>
  parseRequirements(text).requirements.flatMap((entry) => entry.criteria.map((criterion) => criterion.id));
const requirementIds = (text: string) => parseRequirements(text).requirements.map((entry) => entry.id);

/** Every dialect: how the headings and the criteria of two requirements are written, and the ids they have. */
const dialects: Record<string, { text: string; ids: string[] }> = {
  'current Kiro': {
    text: '### Requirement 1: A\n\n**User Story:** As a user, I want a, so that b.\n\n#### Acceptance Criteria\n\n1. WHEN x THE system SHALL y\n2. THE system SHALL z\n\n### Requirement 2: B\n\n#### Acceptance Criteria\n\n1. IF x THEN THE system SHALL y\n',
    ids: ['1.1', '1.2', '2.1'],
  },
  'dashes, full-width colons, letters in numbers': {
    text: '### Requirement 11b — A\n#### Acceptance Criteria\n1. THE system SHALL a\n### Requirement 42a：B\n#### Acceptance Criteria\n1. THE system SHALL b\n',
    ids: ['11b.1', '42a.1'],
  },
  'coded requirements': {
    text: '### DR1: A\n#### Acceptance Criteria\n1. THE system SHALL a\n### FR-002 B\n#### Acceptance Criteria\n1. THE system SHALL b\n',
    ids: ['DR1.1', 'FR-002.1'],
  },
  'numbered headings without the word': {
    text: '## Requirements\n### 1. A\n#### Acceptance Criteria\n1. THE system SHALL a\n### 2. B\n#### Acceptance Criteria\n1. THE system SHALL b\n',
    ids: ['1.1', '2.1'],
  },
  'criteria numbered in full': {
    text: '### Requirement 3\n#### Acceptance Criteria\n3.1 WHEN x THE system SHALL y\n3.2 WHEN z THE system SHALL\n  go on\n### Requirement 4\n#### Acceptance Criteria\n- 4.1: THE system SHALL a\n- **4.2** THE system SHALL b\n',
    ids: ['3.1', '3.2', '4.1', '4.2'],
  },
  bullets: {
    text: '### Requirement 1\n#### Acceptance Criteria\n- WHEN x THE system SHALL y\n- THE system SHALL z\n  - with this detail\n* THE system SHALL w\n',
    ids: ['1.1', '1.2', '1.3'],
  },
  'every item is 1.': {
    text: '### Requirement 1\n#### Acceptance Criteria\n1. THE system SHALL a\n1. THE system SHALL b\n1. THE system SHALL c\n',
    ids: ['1.1', '1.2', '1.3'],
  },
  'bold heading and label': {
    text: '**Requirement 1: A**\n\n**Acceptance Criteria:**\n\n1. THE system SHALL a\n\n**Requirement 2: B**\n\n**Acceptance Criteria:**\n1. THE system SHALL b\n',
    ids: ['1.1', '2.1'],
  },
  'no criteria heading': {
    text: '### Requirement 1: A\n\nAs a user, I want a.\n\n1. WHEN x THE system SHALL y\n2. THE system SHALL z\n',
    ids: ['1.1', '1.2'],
  },
  'bare paragraphs': {
    text: '### Requirement 1: A\n#### Acceptance Criteria\n\nWHEN x\nTHE SYSTEM SHALL y\n\nIF z\nTHE SYSTEM SHALL w\n',
    ids: ['1.1', '1.2'],
  },
  'nested requirement numbers': {
    text: '## 2. Requirements\n### 2.1 Login\n#### Acceptance Criteria\n1. THE system SHALL a\n2. THE system SHALL b\n',
    ids: ['2.1.1', '2.1.2'],
  },
  'check boxes before criteria': {
    text: '### Requirement 1\n#### Acceptance Criteria\n- [ ] 1.1 THE system SHALL a\n- [x] 1.2 THE system SHALL b\n',
    ids: ['1.1', '1.2'],
  },
  'a table of criteria': {
    text: '### Requirement 1\n#### Acceptance Criteria\n| ID | Text |\n| --- | --- |\n| 1.1 | WHEN x THE system SHALL y |\n| 1.2 | THE system SHALL z |\n',
    ids: ['1.1', '1.2'],
  },
  'keywords in bold, lower case': {
    text: '### Requirement 1\n#### Acceptance Criteria\n1. **WHEN** x **THEN** the system **SHALL** y\n2. When x, the system shall y\n',
    ids: ['1.1', '1.2'],
  },
  'REQ-1.1 in bold paragraphs': {
    text: '### REQ-1: A\n\n**REQ-1.1**: Main bar shows it\n**REQ-1.2**: The button SHALL work\n\n### REQ-2: B\n\n**REQ-2.1**: THE system SHALL b\n',
    ids: ['1.1', '1.2', '2.1'],
  },
  'a list without SHALL below a requirement': {
    text: '### REQ-1: A\n- **Priority:** High\n- every row has a box\n- the box can be ticked\n',
    ids: ['1.1', '1.2'],
  },
  'long codes in a table': {
    text: '### Flow\n\n| ID | Text |\n|---|---|\n| FR-FLOW-1 | The system shall merge |\n',
    ids: ['FR-FLOW-1'],
  },
  'numbers with two dots in paragraphs over lines': {
    text: '### Requisito 1\n**Criterios de aceptación:**\n\n1.1. WHEN a\nTHE SYSTEM SHALL b\nc.\n\n1.2. IF d THEN THE SYSTEM SHALL e\n',
    ids: ['1.1', '1.2'],
  },
  Chinese: {
    text: '# 需求文档\n## 需求\n### 需求 1：登录\n**用户故事：** 作为用户，我想登录\n#### 验收标准\n1. 当用户登录时，系统应创建会话\n2. WHEN 用户退出 THEN 系统 SHALL 结束会话\n',
    ids: ['1.1', '1.2'],
  },
  'Chinese, traditional': {
    text: '### 要求 1：登入\n#### 驗收條件\n1. 當使用者登入時，系統應建立工作階段\n',
    ids: ['1.1'],
  },
  Japanese: {
    text: '# 要件定義書\n### 要件 1: ログイン\n#### 受け入れ基準\n1. ユーザーがログインしたとき、システムはセッションを作成しなければならない\n',
    ids: ['1.1'],
  },
  Spanish: {
    text: '### Requisito 1: Acceso\n**Historia de usuario:** Como usuario, quiero entrar\n#### Criterios de aceptación\n1. CUANDO el usuario entra, EL sistema DEBERÁ crear una sesión\n',
    ids: ['1.1'],
  },
  Portuguese: {
    text: '### Requisito 1\n#### Critérios de Aceitação\n1. QUANDO o usuário entra ENTÃO o sistema DEVE criar uma sessão\n',
    ids: ['1.1'],
  },
  French: {
    text: "### Exigence 1 : Accès\n#### Critères d'acceptation\n1. QUAND l'utilisateur entre, le système DOIT créer une session\n",
    ids: ['1.1'],
  },
  German: {
    text: '### Anforderung 1: Zugang\n#### Akzeptanzkriterien\n1. WENN ein Nutzer sich anmeldet, MUSS das System eine Sitzung anlegen\n',
    ids: ['1.1'],
  },
  Korean: {
    text: '### 요구사항 1: 로그인\n#### 인수 기준\n1. 사용자가 로그인할 때 시스템은 세션을 만들어야 한다\n',
    ids: ['1.1'],
  },
  Russian: {
    text: '### Требование 1: Вход\n#### Критерии приёмки\n1. КОГДА пользователь входит, система ДОЛЖНА создать сессию\n',
    ids: ['1.1'],
  },
};

describe('dialects', () => {
  for (const [name, { text, ids: expected }] of Object.entries(dialects))
    test(name, () => {
      assert.deepEqual(ids(text), expected);
      assert.deepEqual(ids(text.replaceAll('\n', '\r\n')), expected, 'with CRLF');
      assert.deepEqual(ids(`\uFEFF---\ntitle: x\n---\n${text}`), expected, 'with front matter');
    });
});

test('what is no requirement is not read as one', () => {
  const text = [
    '# Requirements Document',
    '## Introduction\n\nThe old system shall be replaced.',
    '## Glossary\n\n- **Shall_Word**: a word',
    '## Requirements\n\n### Requirement 1: A\n\n#### Acceptance Criteria\n\n1. THE system SHALL a\n\n```\n### Requirement 9\n1. THE system SHALL not\n```',
    '<!-- ### Requirement 8\n1. THE system SHALL not\n-->',
    '## Risks\n\n### Risk 1: slow\n\n- mitigation: faster',
    '## Summary\n\n1. ✅ **Done**\n2. **Next**',
  ].join('\n\n');
  assert.deepEqual(requirementIds(text), ['1']);
  assert.deepEqual(ids(text), ['1.1']);
});

test('a criterion is one line of text, with its details and its place', () => {
  const text =
    '### Requirement 1\n#### Acceptance Criteria\n1. **WHEN** `a` is\n   saved THE system SHALL show:\n   - its name\n   - its date\n2. THE system SHALL b\n';
  const [first] = parseRequirements(text).requirements[0]?.criteria ?? [];
  assert.equal(first?.text, 'WHEN `a` is saved THE system SHALL show:');
  assert.deepEqual(
    first?.details.map((detail) => detail.text),
    ['its name', 'its date'],
  );
  assert.equal(text.slice(first?.span.start, first?.span.end).split('\n').length, 4);
  assert.deepEqual([first?.span.line, first?.span.column], [3, 1]);
});

test('the story and the glossary are read', () => {
  const tree = parseRequirements(
    '## Glossary\n- **Auth_Service**: checks\n- `Token`: a secret\n### Requirement 1\n**User Story:** As a user, I want to log in, so that I see mine.\n#### Acceptance Criteria\n1. THE system SHALL a\n',
  );
  assert.deepEqual(
    tree.glossary.map((entry) => [entry.term, entry.definition]),
    [
      ['Auth_Service', 'checks'],
      ['Token', 'a secret'],
    ],
  );
  const { role, want, benefit } = tree.requirements[0]?.story ?? {};
  assert.deepEqual([role, want, benefit], ['user', 'log in', 'I see mine']);
});

test('requirements given twice are told apart and reported', () => {
  const tree = parseRequirements(
    '### Requirement 1\n#### Acceptance Criteria\n1. THE system SHALL a\n### Requirement 1\n#### Acceptance Criteria\n1. THE system SHALL b\n',
  );
  assert.deepEqual(
    tree.requirements.map((entry) => entry.id),
    ['1', '1~2'],
  );
  assert.equal(tree.diagnostics[0]?.rule, 'S2');
});

test('a bug analysis has its three parts under 1, 2 and 3', () => {
  const text =
    '# Bugfix Requirements Document\n## Introduction\nBroken.\n## Bug Analysis\n### Current Behavior (Defect)\n1.1 WHEN x THEN the system crashes\n\n1.2 WHEN y THEN the system hangs\n\n### Expected Behavior (Correct)\n**2.1** WHEN x THEN the system SHALL save\n### Unchanged Behavior (Regression Prevention)\n1. WHEN z THEN the system SHALL CONTINUE TO load\n';
  const tree = parseBugfix(text);
  assert.deepEqual(
    tree.requirements.map((entry) => [entry.part, entry.criteria.map((criterion) => criterion.id).join()]),
    [
      ['current', '1.1,1.2'],
      ['expected', '2.1'],
      ['unchanged', '3.1'],
    ],
  );
  assert.equal(tree.requirements[2]?.criteria[0]?.ears.modal?.continues, true);
});
