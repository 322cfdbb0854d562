// How people really lay out a spec, one small sample of our own per habit: headings, labels, languages.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDesign } from './design.ts';
import { referenceIndex, resolveReference } from './references.ts';
import { parseBugfix, parseRequirements } from './requirements.ts';
import { parseTasks } from './tasks.ts';

const requirements: Record<string, { text: string; ids: string[] }> = {
  listApart: {
    text: '### FR-1: Toggle\n- The app SHALL show it.\n\n### NFR-1: Speed\n- The app SHALL start.\n\n## Acceptance Criteria\n\n- AC-1: WHEN started THEN the app SHALL listen.\n- AC-2: WHEN closed THEN the app SHALL stop.\n',
    ids: ['FR-1.1', 'NFR-1.1', '3.1', '3.2'],
  },
  longCode: {
    text: '### REQ-MAIL-001 Reminders\n\n- [ ] WHEN due, the app SHALL send it.\n- [ ] IF no address, the app SHALL skip it.\n',
    ids: ['REQ-MAIL-001.1', 'REQ-MAIL-001.2'],
  },
  conditionInACellOfItsOwn: {
    text: '### AC-CAM-001: Camera\n\n| AC ID | Condition | Expected |\n|---|---|---|\n| AC-CAM-001-01 | WHEN it starts, | THE SYSTEM SHALL connect. |\n| AC-CAM-001-02 | WHILE connected, | THE SYSTEM SHALL record. |\n',
    ids: ['CAM-001-01', 'CAM-001-02'],
  },
  useCasesBehind: {
    text: "## Besoins\n\n### Requirement 1: Lire\n\n#### Critères d'Acceptation\n\n1. WHEN la page se charge, THE Catalogue SHALL afficher 10 choses\n\n## Cas d'Usage\n\n### Cas d'Usage 1: Lire\n\n1. L'utilisateur ouvre\n2. L'interface affiche\n",
    ids: ['1.1'],
  },
  zhBoldThenList: {
    text: '## 功能需求\n\n### Requirement 1: 创建\n\n**用户故事**: 作为员工,我想创建\n\n#### 验收标准\n\n1. **WHEN** 选择\n **THEN** 系统 **SHALL** 创建\n2. **IF** 失败 **THEN** 系统 **SHALL** 标记\n\n#### 具体要求\n\n- [ ] 1.1 实现接口\n- [ ] 1.2 支持:\n  - `a`: 甲\n',
    ids: ['1.1', '1.2'],
  },
  jaSub: {
    text: '### Requirement 6: 表示 (Phase 12 追加)\n**目的:** 管理者として、すぐ見たい。\n\n#### 受け入れ基準\n\n**審査画面**\n1. When [開いたとき], the [UI] shall [表示すること]。\n2. While [ロード中], the [UI] shall [表示すること]。\n\n**タグ画面**\n3. When 開いたとき、the UI shall 表示する。If 失敗したとき, then the UI shall 通知する。\n',
    ids: ['6.1', '6.2', '6.3'],
  },
  jaNum: {
    text: '## 要件（Requirements）\n\n### 要件1\n\n#### 受け入れ基準（Acceptance Criteria）\n\n1. THE App SHALL 表示する\n\n### 要件 2: 設定\n\n#### 受け入れ基準\n1. WHEN 保存した場合、THE App SHALL 保存する\n',
    ids: ['1.1', '2.1'],
  },
  ko: {
    text: '## 요구사항\n\n### 요구사항 1: 내보내기\n\n**사용자 스토리:** 사용자로서, 원합니다.\n\n#### 수락 기준\n\n1. 시스템은 파일을 제공해야 합니다\n2. 요청하면, 시스템은 허용해야 합니다\n',
    ids: ['1.1', '1.2'],
  },
  esTwoLine: {
    text: '## Requirements\n\n### R1 — Alta\n\n**User story:** Como socio, quiero alta.\n\n#### Criterios de aceptación\n\n1. WHEN llega\n   THE SYSTEM SHALL guardar\n2. IF falta\n   THEN THE SYSTEM SHALL avisar\n\n### R2 — Baja\n\n#### Criterios de aceptación\n\n1. WHEN pide\n   THE SYSTEM SHALL borrar\n',
    ids: ['1.1', '1.2', '2.1'],
  },
  esHistoria: {
    text: '## Requisitos\n\n### Requisito 1: Registro\n\n**Historia:** Como líder, quiero registrar.\n\n#### Criterios de aceptación\n\n1. THE Sistema SHALL registrar\n2. CUANDO llega ENTONCES el sistema DEBERÁ guardar\n',
    ids: ['1.1', '1.2'],
  },
  acBold: {
    text: '## 4. Functional Requirements\n\n### REQ-1: Schema & Index\nThe database must define tables.\n- **AC-1.1**: The file creates all tables.\n- **AC-1.2**: Triggers keep both equal.\n\n### REQ-2: Search\n- **AC-2.1**: A search finds it.\n',
    ids: ['1.1', '1.2', '2.1'],
  },
  acTag: {
    text: '## Functional Requirements\n\n### FR-1 — Proof (§7.3, I02)\n\n- **AC-1.1** [§7.3] When the route is known, the system shall record it.\n- **AC-1.2** [AT-11] If a hook is unknown, then admission shall fail.\n',
    ids: ['1.1', '1.2'],
  },
  acLate: {
    text: '## Functional Requirements\n\n- **FR-1:** The transcript must be readable.\n- **FR-2:** Input must support keys.\n\n## Acceptance Criteria\n\n- **AC-1.1** (`FR-1`): Given a chat, when scanned, then distinct.\n- **AC-2.1** (`FR-2`): Given focus, when Return, then send.\n',
    ids: ['FR-1', 'FR-2', '1.1', '2.1'],
  },
  acName: {
    text: '## 3. Detailed Acceptance Criteria (Given-When-Then)\n- **AC-1.1 (Discount with Cap)**: Given a coupon, when applied, then capped.\n- **AC-2.1 (Minimum)**: Given a coupon, when small, then refused.\n',
    ids: ['1.1', '2.1'],
  },
  acDot: {
    text: '### AC-1 · 16 pages\n\n- **AC-1.1.** Each page has 700 words.\n- **AC-1.2.** H1 holds the keyword.\n',
    ids: ['1.1', '1.2'],
  },
  behaviours: {
    text: '## Behaviours\n\n### B-1 — Saving\n\n- **AC-1.1** A saved entry is found\n- **AC-1.2** A second instance finds it\n  too\n- **AC-1.3** It equals the first\n',
    ids: ['1.1', '1.2', '1.3'],
  },
  boldStory: {
    text: '## 3. Stories\n\n**US-1 [P1] — Discover it**\n\n*As a buyer, I want it, so that I know.*\n\n- **AC-1.1** — Given a product, when I look, then it is there.\n- **AC-1.2** — Given none, when I look, then nothing.\n',
    ids: ['1.1', '1.2'],
  },
  p1: {
    text: '## User Stories\n\n### P1: Create a product ⭐ MVP\n\n**User Story**: As an admin, I want to create.\n\n**Acceptance Criteria**:\n\n1. PROD-01: WHEN posted THEN the system SHALL answer 201\n2. PROD-02: WHEN stored THEN the system SHALL trim\n\n### P2: Delete\n\n**Acceptance Criteria**:\n\n1. PROD-03: WHEN deleted THEN the system SHALL answer 204\n',
    ids: ['PROD-01', 'PROD-02', 'PROD-03'],
  },
  objective: {
    text: '### Requirement 1: Index\n**Objective:** As a maintainer, I want it.\n**Acceptance Criteria**\n1. WHEN it runs THEN the system SHALL write\n   a file covering all.\n2. THE SYSTEM SHALL emit\n   `{id, label}`.\n\n### Requirement 2: Query\n**Objective:** As a maintainer, I want it.\n**Acceptance Criteria**\n1. THE SYSTEM SHALL answer.\n',
    ids: ['1.1', '1.2', '2.1'],
  },
  plainParagraphs: {
    text: '# Sorting\n\n## Hot Sorting\n\n**Functional Requirements:**\n\nWHEN a user visits, THE platform SHALL order posts.\n\nTHE platform SHALL use 0.8.\n\n## New Sorting\n\nTHE platform SHALL order by time.\n',
    ids: ['hot-sorting.1', 'hot-sorting.2', 'new-sorting.1'],
  },
  jaStory: {
    text: '## ユーザーストーリー・受け入れ基準\n\n**ユーザーストーリー**: As a 開発者, I want 検証, so that できる。\n\n- WHEN 実行したとき THE SYSTEM SHALL 成功する。\n- IF 無効の場合 THEN THE SYSTEM SHALL 確認する。\n\n## 非機能要件\n\n- 変更しない。\n',
    ids: ['1.1', '1.2'],
  },
  matter: {
    text: '---\nname: a\n---\n\n# Requirements: Wave\n\n## 功能需求\n\n### Requirement 1: 补测\n\n#### 验收标准\n\n1. WHEN 不存在 THEN 系统 SHALL 返回 `null`。\n',
    ids: ['1.1'],
  },
  dash: {
    text: '## Requisitos\n\n### Requisito 1 - Página Pública\n\n**User Story:** Como um visitante, eu quero ver.\n\n#### Critérios de Aceitação\n\n1. QUANDO acessa ENTÃO o sistema DEVE exibir\n2. SE falha ENTÃO o sistema DEVE avisar\n',
    ids: ['1.1', '1.2'],
  },
  de: {
    text: '## Anforderungen\n\n### Anforderung 1\n\n**User Story:** Als Forscher möchte ich Fragen erstellen.\n\n#### Akzeptanzkriterien\n\n1. WENN eine Studie erstellt wird, DANN soll das System Fragen zulassen\n2. WENN gespeichert wird, DANN soll das System speichern\n',
    ids: ['1.1', '1.2'],
  },
  ru: {
    text: '## Требования\n\n### Требование 1\n\n**Пользовательская история:** Как новый, я хочу\n\n#### Критерии приемки\n\n1. WHEN пользователь отправляет, THE System SHALL создать\n2. THE System SHALL требовать\n',
    ids: ['1.1', '1.2'],
  },
  frFR: {
    text: '## Functional Requirements\n\n### FR-1: 検索\n\n- **FR-1.1**: 検索できる\n- **FR-1.2**: 表示する\n  - 細目\n\n### FR-6b: 取得\n\n説明。\n\n- **FR-6b.1**: 取得する\n\n## Non-Functional Requirements\n\n### NFR-1: 性能\n\n- **NFR-1.1**: 速い\n',
    ids: ['FR-1.1', 'FR-1.2', 'FR-6b.1', 'NFR-1.1'],
  },
  tableNoShall: {
    text: '### Story: Export\n\nAls Patient möchte ich Daten.\n\n### Akzeptanzkriterien\n\n| Nr. | Kriterium |\n|-----|-----|\n| A_1 | Es gibt einen Knopf. |\n| A_2 | Die Datei lädt. |\n',
    ids: ['A_1', 'A_2'],
  },
  numbered: {
    text: '### 1. Add "High Hold"\n\n**User Story:** As a user, I want a hold.\n\n**Description:** Add it.\n\n**Acceptance Criteria:**\n- New `Data.Exercise` with id `"x"`\n- 5 rounds\n\n**Priority:** 1\n**Dependencies:** None\n\n---\n\n### 2. Add table\n\n**Acceptance Criteria:**\n- Rows shrink\n',
    ids: ['1.1', '1.2', '2.1'],
  },
  openspec: {
    text: '# Spec\n\n## Requirements\n\n### Requirement: Detail Screen\n\nThe system MUST render a screen. The screen SHALL be reachable.\n\n#### Scenario: Renders\n\n- GIVEN a course\n- WHEN the user taps\n- THEN the system SHALL display it\n',
    ids: ['detail-screen.1'],
  },
  must: {
    text: '### Requirement 1: Speed\n\n#### Acceptance Criteria\n\n1. The system must answer in 1 s\n2. Users can export\n',
    ids: ['1.1', '1.2'],
  },
  restart: {
    text: '### Requirement 1: X\n\n#### Acceptance Criteria\n\n##### Happy path\n\n1. WHEN a THE system SHALL b\n2. WHEN c THE system SHALL d\n\n##### Errors\n\n1. IF e THEN THE system SHALL f\n',
    ids: ['1.1', '1.2', '1.3'],
  },
  starList: {
    text: '### Requirement 1: X\n\n#### Acceptance Criteria\n\n* **WHEN** a\n  **THEN** the system **SHALL** b\n* **AC2**: the system shall c\n',
    ids: ['1.1', '1.2'],
  },
  para: {
    text: '### Requirement 1: X\n\n**Acceptance Criteria:**\n\n1.1 WHEN a, THE System SHALL b.\n\n1.2 IF c, THEN THE System SHALL d.\n\n---\n\n### Requirement 2: Y\n\n**Acceptance Criteria:**\n\n2.1 THE System SHALL e.\n',
    ids: ['1.1', '1.2', '2.1'],
  },
  ears: {
    text: '### 1. Login\n\n**User Story:** As a user I want it.\n\n**EARS Requirements:**\n- 1.1 WHEN a THEN system SHALL b\n- 1.2 WHILE c system SHALL d\n',
    ids: ['1.1', '1.2'],
  },
  level3Criteria: {
    text: '## Requirement 1: A\n\n### User Story\n\nAs a user, I want a.\n\n### Acceptance Criteria\n\n1. WHEN a THE system SHALL b\n\n## Requirement 2: B\n\n### User Story\n\nAs b.\n\n### Acceptance Criteria\n\n1. THE system SHALL c\n2. THE system SHALL d\n',
    ids: ['1.1', '2.1', '2.2'],
  },
  gherkin: {
    text: '### Requirement 1: A\n\n#### Acceptance Criteria\n\n- Given a user, when x, then y\n- Given none, when x, then z\n',
    ids: ['1.1', '1.2'],
  },
  emoji: {
    text: '### ✅ Requirement 1: A\n\n#### ✅ Acceptance Criteria\n\n1. ✅ WHEN a THE system SHALL b\n2. ❌ IF c THEN system SHALL d\n',
    ids: ['1.1', '1.2'],
  },
  id: {
    text: '## Persyaratan\n\n### Persyaratan 1: A\n\n**Cerita Pengguna:** Sebagai pengguna, saya ingin.\n\n#### Kriteria Penerimaan\n\n1. KETIKA pengguna masuk MAKA sistem HARUS menampilkan\n',
    ids: ['1.1'],
  },
  vi: {
    text: '## Yêu cầu\n\n### Yêu cầu 1: A\n\n**User Story:** Là người dùng, tôi muốn.\n\n#### Tiêu chí chấp nhận\n\n1. KHI người dùng mở THÌ hệ thống SẼ hiển thị\n',
    ids: ['1.1'],
  },
  tr: {
    text: '## Gereksinimler\n\n### Gereksinim 1: A\n\n**Kullanıcı Hikayesi:** Bir kullanıcı olarak.\n\n#### Kabul Kriterleri\n\n1. WHEN kullanıcı açtığında THE Sistem SHALL göstersin\n',
    ids: ['1.1'],
  },
  uk: {
    text: '## Вимоги\n\n### Вимога 1: A\n\n**Історія користувача:** Як користувач.\n\n#### Критерії прийняття\n\n1. КОЛИ користувач входить, ТО система ПОВИННА показати\n',
    ids: ['1.1'],
  },
  fr: {
    text: "## Exigences\n\n### Exigence 1 : Connexion\n\n**Récit utilisateur :** En tant qu'utilisateur, je veux.\n\n#### Critères d'acceptation\n\n1. QUAND l'utilisateur se connecte ALORS le système DOIT ouvrir\n2. SI le mot est faux ALORS le système DOIT refuser\n",
    ids: ['1.1', '1.2'],
  },
  frCurly: { text: '### Exigence 1 : X\n\n#### Critères d’acceptation\n\n1. LE système DOIT ouvrir\n', ids: ['1.1'] },
  it: {
    text: '### Requisito 1: X\n\n#### Criteri di accettazione\n\n1. QUANDO apre ALLORA il sistema DEVE mostrare\n',
    ids: ['1.1'],
  },
  tw: {
    text: '### 需求 1：X\n\n**使用者故事：** 身為使用者，我想要。\n\n#### 驗收標準\n\n1. WHEN 開啟 THEN 系統 SHALL 顯示\n',
    ids: ['1.1'],
  },
  zhAC2: { text: '### 需求1：X\n\n#### 验收准则\n\n1. 当打开时，系统应显示\n2. 系统必须保存\n', ids: ['1.1', '1.2'] },
  zhAC3: {
    text: '### 需求一：登录\n\n#### 验收标准\n\n1. 当打开时，系统应显示\n\n### 需求二：退出\n\n#### 验收标准\n\n1. 系统必须保存\n',
    ids: ['1.1', '2.1'],
  },
  ja3: { text: '### 要件1：X\n\n#### 受け入れ条件\n\n1. 開いたとき、システムは表示しなければならない\n', ids: ['1.1'] },
  ja4: {
    text: '### 要件1：X\n\n#### 承認基準\n\n1. THE System SHALL 表示\n\n### 要件2：Y\n\n#### 受入条件\n\n1. THE System SHALL 表示\n',
    ids: ['1.1', '2.1'],
  },
  ko2: {
    text: '### 요구사항 1: X\n\n#### 인수 조건\n\n1. WHEN 열면 THE 시스템 SHALL 표시한다\n\n### 요구사항 2\n\n#### 수용 기준\n\n1. THE 시스템 SHALL 표시한다\n\n### 요구사항 3\n\n#### 승인 조건\n\n1. THE 시스템 SHALL 표시한다\n',
    ids: ['1.1', '2.1', '3.1'],
  },
  pt2: {
    text: '### Requisito 1: X\n\n#### Critérios de Aceite\n\n1. WHEN abre THE Sistema SHALL mostrar\n',
    ids: ['1.1'],
  },
  es2: {
    text: '### Requerimiento 1: X\n\n#### Criterios de Aceptacion\n\n1. WHEN abre THE Sistema SHALL mostrar\n\n### Requerimiento 2: Y\n\n#### Criterios de Validación\n\n1. THE Sistema SHALL mostrar\n',
    ids: ['1.1', '2.1'],
  },
  nl: {
    text: '### Vereiste 1: X\n\n#### Acceptatiecriteria\n\n1. WANNEER open DAN MOET het systeem tonen\n',
    ids: ['1.1'],
  },
  multiIndent: {
    text: '### Requirement 1: X\n\n#### Acceptance Criteria\n\n  1. WHEN a THE system SHALL b\n  2. WHEN c THE system SHALL d\n     - detail\n',
    ids: ['1.1', '1.2'],
  },
  tabs: {
    text: '### Requirement 1: X\n\n#### Acceptance Criteria\n\n\t1. WHEN a THE system SHALL b\n\t2. WHEN c THE system SHALL d\n',
    ids: ['1.1', '1.2'],
  },
  hybrid: {
    text: '### Requirement 1: X\n\n#### Acceptance Criteria\n\n1. WHEN a THEN the system SHALL b:\n   - one\n   - two\n2. WHEN c THEN the system SHALL d\n   a. three\n   b. four\n3. THE system SHALL e\n',
    ids: ['1.1', '1.2', '1.3'],
  },
  letters: {
    text: '### Requirement 1: X\n\n#### Acceptance Criteria\n\na. WHEN a THE system SHALL b\nb. WHEN c THE system SHALL d\n',
    ids: ['1.a', '1.b'],
  },
  paren: {
    text: '### Requirement 1: X\n\n#### Acceptance Criteria\n\n(1) WHEN a THE system SHALL b\n(2) WHEN c THE system SHALL d\n',
    ids: ['1.1', '1.2'],
  },
  ac: {
    text: '### Requirement 1: X\n\n#### Acceptance Criteria\n\n- **AC1.1:** WHEN a THE system SHALL b\n- **AC1.2:** THE system SHALL c\n',
    ids: ['1.1', '1.2'],
  },
  reqid: {
    text: '### Requirement 1: X\n\n#### Acceptance Criteria\n\n- **R1.1** WHEN a THE system SHALL b\n- **R1.2** THE system SHALL c\n',
    ids: ['1.1', '1.2'],
  },
  ACdash: {
    text: '### Requirement 1: X\n\n#### Acceptance Criteria\n\n**AC-1:** WHEN a THE system SHALL b\n\n**AC-2:** THE system SHALL c\n',
    ids: ['1.1', '1.2'],
  },
  chapters: {
    text: '## 1. Functional Requirements\n\n### 1.1 Login\n\n- The system shall log in\n- The system shall log out\n\n### 1.2 Signup\n\n- The system shall sign up\n\n## 2. Non-Functional\n\n### 2.1 Speed\n\n- Pages shall load in 2 s\n',
    ids: ['1.1.1', '1.1.2', '1.2.1', '2.1.1'],
  },
  html: {
    text: '### Requirement 1: X\n\n<details>\n<summary>more</summary>\n\n#### Acceptance Criteria\n\n1. WHEN a THE system SHALL b\n\n</details>\n',
    ids: ['1.1'],
  },
  story: {
    text: '### Story 1.1: Upload\n**As an** admin\n**I want** upload\n**So that** it works\n\n**Acceptance Criteria:**\n- [ ] User can upload\n- [ ] System extracts\n',
    ids: ['1.1.1', '1.1.2'],
  },
};

describe('criteria of a dialect', () => {
  for (const [name, { text, ids }] of Object.entries(requirements))
    test(name, () => {
      const tree = parseRequirements(text);
      assert.deepEqual(
        tree.requirements.flatMap((entry) => entry.criteria.map((criterion) => criterion.id)),
        ids,
      );
      assert.equal(tree.source, text);
    });
});

const index = referenceIndex(
  ['1', '2', '3', '7', '27C', 'FR-1', 'FR-003'].map((id) => ({
    id,
    criteria: [1, 2, 3].map((n) => ({ id: `${id}.${n}` })),
  })),
);

/** A task's reference line, and the criteria it means. */
const references: [line: string, criteria: string[]][] = [
  ['_Requirements: 1.1, 1.2_', ['1.1', '1.2']],
  ['_Requirements 1.1, 1.2_', ['1.1', '1.2']],
  ['_Covers Requirements 1.1 and 2.1_', ['1.1', '2.1']],
  ['_Requirements: 1.1_ — _Depends: 11_', ['1.1']],
  ['build it [Req 1.2]', ['1.2']],
  ['build it (Requirements 1.2, 1.3)', ['1.2', '1.3']],
  ['**Done:** stated and testable. _Requirements: FR-1.1, FR-003_', ['FR-1.1', 'FR-003.1', 'FR-003.2', 'FR-003.3']],
  ['_需求：FR-003 后台、FR-1.2 定时_', ['FR-003.1', 'FR-003.2', 'FR-003.3', 'FR-1.2']],
  ['_Requirements: 7（役割）, 27C.1_', ['7.1', '7.2', '7.3', '27C.1']],
  ['_Requirements: Requirement 1 (AC 1, 3)_', ['1.1', '1.3']],
  ['_Requirements: Req 2 AC 2, Req 3.2_', ['2.2', '3.2']],
  ['_Requirements: 1.1/1.2_', ['1.1', '1.2']],
  ['_Requisitos: 1.1; 1.2_', ['1.1', '1.2']],
  ['_Exigences : 1.1, 1.2_', ['1.1', '1.2']],
  ['> _Requirements: 1.1_', ['1.1']],
  ['_Requirements: 1.1-3_', ['1.1', '1.2', '1.3']],
  ['_Requirements: N/A_', []],
];

describe('references of a dialect', () => {
  for (const [line, criteria] of references)
    test(line, () => {
      const task = parseTasks(`- [ ] 1. A\n  - ${line}\n`).tasks[0];
      assert.deepEqual(
        task?.requirements.flatMap((ref) => resolveReference(ref, index).criteria),
        criteria,
      );
    });
});

test('a label names its criterion where only one carries it', () => {
  const { requirements: list } = parseRequirements(
    '### FR-1: A\n- The app SHALL a.\n\n## Acceptance Criteria\n\n- AC-1: The app SHALL b.\n- AC-2: The app SHALL c.\n\n### US-2: B\n\n#### Acceptance Criteria\n\n1. **US-2.AC-1** — The app SHALL d.\n',
  );
  const labels = referenceIndex(list);
  const meant = (line: string) =>
    parseTasks(`- [ ] 1. A\n  - ${line}\n`).tasks[0]?.requirements.flatMap(
      (ref) => resolveReference(ref, labels).criteria,
    );
  assert.deepEqual(meant('_Requirements: AC-1〜AC-2, US-2.AC-1_'), ['2.1', '2.2', 'US-2.1']);
  const twice = referenceIndex([
    { id: '1', criteria: [{ id: '1.1', number: 'SYNC-1' }] },
    { id: '2', criteria: [{ id: '2.1', number: 'SYNC-1' }] },
  ]);
  const [ref] = parseTasks('- [ ] 1. A\n  - _Requirements: SYNC-1_\n').tasks[0]?.requirements ?? [];
  assert.ok(ref);
  assert.deepEqual(resolveReference(ref, twice).criteria, []);
});

/** A task's first line and what it waits for. */
const tasks: [text: string, id: string, title: string, depends: string[]][] = [
  ['- [x] T001 Set up the store', 'T001', 'Set up the store', []],
  ['- [ ] **1.1 Set up**', '1.1', 'Set up', []],
  ['- [ ]* 2.2 Test it', '2.2', 'Test it', []],
  ['- [-] 🟠 2. FASE 2', '2', 'FASE 2', []],
  ['- [ ] 3. Join\n  - _Dependencies: タスク1-2完了（全機能）_', '3', 'Join', ['1', '2']],
  ['- [ ] 3. Join\n  - _Depends: Task 1.1, 2_', '3', 'Join', ['1.1', '2']],
  ['- [ ] 3. Join\n  - _Depends: -_', '3', 'Join', []],
  ['- [ ] 3. Join\n  - _Depends: none_', '3', 'Join', []],
];

describe('tasks of a dialect', () => {
  for (const [text, id, title, depends] of tasks)
    test(JSON.stringify(text), () => {
      const task = parseTasks(`${text}\n`).tasks[0];
      assert.deepEqual([task?.id, task?.title, task?.depends.map((slot) => slot.text)], [id, title, depends]);
    });
});

test('a bug analysis of several bugs has each part once, and hints belong to none', () => {
  const one = (bug: string) =>
    `## ${bug}\n\n**Current Behavior (Defect)**\n- WHEN a THEN b.\n\n**Expected Behavior (Correct)**\n- WHEN a THEN the system SHALL c.\n\n**Hints:**\n- look at d\n\n`;
  assert.deepEqual(
    parseBugfix(`# Fixes\n\n${one('First')}${one('Second')}`).requirements.map((entry) => [
      entry.part,
      entry.criteria.map((criterion) => criterion.id),
    ]),
    [
      ['current', ['1.1', '1.2']],
      ['expected', ['2.1', '2.2']],
    ],
  );
});

test('a bug analysis written like requirements says what is expected', () => {
  const [entry] = parseBugfix(
    '# Fix\n\n### Requirement 1: A\n\n#### Acceptance Criteria\n\n1. WHEN a THE system SHALL b\n',
  ).requirements;
  assert.deepEqual([entry?.part, entry?.criteria.map((criterion) => criterion.id)], ['expected', ['1.1']]);
});

for (const [heading, line] of [
  ['### Property 1: Kept', '**Validates: Requirements 1.1, 1.2**'],
  ['### P1: Kept', '*Validates: Requirements 1.1, 1.2*'],
  ['**Property 1: Kept**', '**Validates Requirements:** 1.1, 1.2'],
  ['### 正确性属性 1：保持', '**验证需求：1.1，1.2**'],
  ['### プロパティ 1: 保持', '**検証対象: 要件 1.1, 1.2**'],
  ['### 속성 1: 유지', '**검증: 요구사항 1.1, 1.2**'],
  ['### Property 1 — Kept', '> Validates: Requirements 1.1 and 1.2'],
])
  test(`a property and what it validates: ${heading} ${line}`, () => {
    const [property] = parseDesign(
      `# D\n\n## Correctness Properties\n\n${heading}\n\n*For any* x, it holds.\n\n${line}\n\n## Errors\n`,
    ).properties;
    assert.deepEqual(
      property?.validates.map((ref) => ref.from),
      ['1.1', '1.2'],
    );
  });
