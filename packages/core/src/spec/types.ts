/**
 * A stretch of a document's source: UTF-16 offsets, half open, with line and column (from 1) of its start. The tree
 * never owns text that the source does not hold, so printing a document is returning its source.
 */
export interface Span {
  start: number;
  end: number;
  line: number;
  column: number;
}

export type Severity = 'error' | 'warning' | 'info';

/** One change of the source; a fix is a list of them that do not overlap. */
export interface TextEdit {
  start: number;
  end: number;
  text: string;
}

export interface Fix {
  /** What the fix does, imperative: «insert THEN». */
  title: string;
  edits: TextEdit[];
}

/** Something wrong in one document. Positions count from 1. `fix` is there only where one repair is certain. */
export interface Diagnostic {
  /** Stable id: `E4` of the EARS rules, `S…` of shape and references. */
  rule: string;
  severity: Severity;
  message: string;
  file: string;
  line: number;
  column: number;
  endLine?: number;
  endColumn?: number;
  /** Criterion or task it is about, `2.3`. */
  about?: string;
  hint?: string;
  fix?: Fix;
}

/** `#[[file:relative/path]]` anywhere in a document. */
export interface FileReference {
  path: string;
  span: Span;
}

export interface Section {
  level: number;
  title: string;
  /** The heading line. */
  span: Span;
  /** From the line after the heading to the next heading of the same or a higher level. */
  body: Span;
}

/** What every document has. `language` is `en` or the language whose keywords or script prevail. */
export interface DocumentTree {
  file: string;
  source: string;
  title: string;
  language: string;
  sections: Section[];
  references: FileReference[];
  suppressions: Suppression[];
  diagnostics: Diagnostic[];
}

/** `<!-- ambit-ignore E4: reason -->`: silences rules for the next criterion or task, or the whole file with `-file`. */
export interface Suppression {
  rules: string[];
  reason: string;
  scope: 'next' | 'file';
  span: Span;
}

export type ClauseKind = 'where' | 'while' | 'when' | 'if' | 'for-all';

export interface Slot {
  text: string;
  span: Span;
}

export interface Clause extends Slot {
  kind: ClauseKind;
  /** The keyword as written: `WHEN`, `当`. */
  keyword: Slot;
  /** THEN (or its like) as written. */
  then?: Slot;
}

export interface Modal extends Slot {
  /** `shall` for every language's SHALL; else the English word in lower case, `must`, `should`, … */
  word: string;
  negated: boolean;
  /** SHALL CONTINUE TO. */
  continues: boolean;
}

export type EarsPattern =
  | 'ubiquitous'
  | 'event'
  | 'state'
  | 'option'
  | 'unwanted'
  | 'complex'
  | 'property'
  /** No modal was found: a plain statement. */
  | 'none';

/** Parts of one criterion by the EARS grammar; what the sentence lacks is absent. */
export interface Ears {
  pattern: EarsPattern;
  clauses: Clause[];
  actor?: Slot;
  modal?: Modal;
  response?: Slot;
  /** Language of the keywords. */
  language: string;
}

export interface Criterion {
  /** Unique in its document: `2.3`, where 2 is the requirement; written numbers are kept when they are unique. */
  id: string;
  /** Number as written, without its dot; absent on a bullet. */
  number?: string;
  requirement: string;
  /** One line, markup removed. */
  text: string;
  ears: Ears;
  /** From the marker to the end of its last line, sub-items included. */
  span: Span;
  /** The text without marker and number. */
  body: Span;
  /** Bullets below the criterion that say no criterion of their own. */
  details: Slot[];
}

export interface Story extends Slot {
  role?: string;
  want?: string;
  benefit?: string;
}

export interface Requirement {
  /** `1`, `11b`, `DR1`; unique in its document. */
  id: string;
  title: string;
  story?: Story;
  criteria: Criterion[];
  /** Heading line. */
  heading: Span;
  /** Heading to the start of the next requirement or section. */
  span: Span;
}

export interface GlossaryTerm {
  term: string;
  definition: string;
  span: Span;
}

export interface RequirementsTree extends DocumentTree {
  kind: 'requirements';
  introduction?: Slot;
  glossary: GlossaryTerm[];
  requirements: Requirement[];
}

export type BugfixPart = 'current' | 'expected' | 'unchanged';

/** bugfix.md: current (1.x), expected (2.x) and unchanged (3.x) behaviour; criteria as in requirements. */
export interface BugfixTree extends DocumentTree {
  kind: 'bugfix';
  introduction?: Slot;
  glossary: GlossaryTerm[];
  /** One per part that is there, with the part's criteria. */
  requirements: (Requirement & { part: BugfixPart })[];
}

/** `1.2`, `3`, `5.1-5.5`, `All`: as written. What it means is known only beside the requirements: `resolveReference`. */
export interface RequirementRef extends Slot {
  kind: 'id' | 'range' | 'all' | 'words';
  from?: string;
  to?: string;
}

/** A correctness property with what it validates. */
export interface Property {
  id: string;
  title: string;
  text: string;
  validates: RequirementRef[];
  span: Span;
}

export interface Component {
  name: string;
  /** Files and globs its text names. */
  files: Slot[];
  span: Span;
}

export interface DesignTree extends DocumentTree {
  kind: 'design';
  components: Component[];
  dataModels: Component[];
  properties: Property[];
  /** Requirement references outside properties. */
  mentions: RequirementRef[];
  /** Mermaid and other fenced blocks with a language. */
  diagrams: { language: string; span: Span }[];
}

/** `[ ]` open, `[x]` done, `[-]` in progress, `[~]` queued or blocked; any other character is unknown. */
export type BoxState = 'open' | 'done' | 'in-progress' | 'queued' | 'unknown';

export interface TaskBox {
  state: BoxState;
  /** The character between the brackets, or the mark that stands for a tick. */
  mark: string;
  /** The character alone, so that a tick changes one character. */
  span: Span;
}

export interface Task {
  /** Unique in its document: the number as written where unique, else `number~2`; `~N` (N-th box) without a number. */
  id: string;
  number?: string;
  title: string;
  /** Absent on a numbered heading that groups tasks. */
  box?: TaskBox;
  /** `- [ ]* 2.3`: never offered as next, does not hold the phase. */
  optional: boolean;
  /** 0 for a top-level task. */
  depth: number;
  parent?: string;
  children: string[];
  /** Detail bullets and their continuation, markup removed, references left out. */
  details: Slot[];
  requirements: RequirementRef[];
  /** Globs of `_Scope: …_` (or cc-sdd's `_Boundary:_` when it names paths). */
  scope: Slot[];
  /** Task numbers of `_Depends: …_`. */
  depends: Slot[];
  /** Every other `_Name: value_` line: `Leverage`, `Bug_Condition`, … */
  fields: Record<string, string>;
  /** `**Property 3: …**` that the task tests. */
  properties: string[];
  /** `(P)` of cc-sdd: may run beside its siblings. */
  parallel: boolean;
  /** A checkpoint task: «Ensure all tests pass». */
  checkpoint: boolean;
  /** The item's first line. */
  line: Span;
  /** The item with everything below it, sub-tasks included. */
  span: Span;
}

export interface Wave {
  id: number;
  tasks: string[];
}

export interface TasksTree extends DocumentTree {
  kind: 'tasks';
  /** Flat, in document order; `parent`, `children`, `depth` give the nesting. */
  tasks: Task[];
  /** The `waves` JSON block; absent when there is none. */
  waves?: { waves: Wave[]; span: Span };
}

export type WorkflowType = 'requirements-first' | 'design-first' | 'fast-task' | 'verify-first';
export type SpecType = 'feature' | 'bugfix' | 'quick-spec';

/** `.config.kiro`, read field by field: a bad field is left out with a diagnostic, unknown keys are kept. */
export interface ConfigTree {
  kind: 'config';
  file: string;
  source: string;
  /** `absent` for an empty file, `unusable` for bad JSON. */
  state: 'ok' | 'absent' | 'unusable';
  specId?: string;
  workflowType?: WorkflowType;
  specType?: SpecType;
  extra: Record<string, unknown>;
  diagnostics: Diagnostic[];
}

/** One spec folder, parsed. */
export interface Spec {
  /** Folder name. */
  name: string;
  requirements?: RequirementsTree;
  bugfix?: BugfixTree;
  design?: DesignTree;
  tasks?: TasksTree;
  config?: ConfigTree;
}

/** The texts of one spec folder; paths are only for diagnostics. */
export interface SpecTexts {
  name: string;
  requirements?: SourceText;
  bugfix?: SourceText;
  design?: SourceText;
  tasks?: SourceText;
  config?: SourceText;
}

export interface SourceText {
  file: string;
  text: string;
}

/** What an edit of a document gives: the new text, or why it cannot be made. Never throws for a missing id. */
export type Edited = { ok: true; text: string } | { ok: false; problem: string };
