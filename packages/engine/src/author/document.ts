import type { Decision } from '@ambit/core/capability';
import type { Verify } from '@ambit/core/catalog';
import type { Feature } from './features.ts';
import type { Theme } from './themes.ts';

/** A criterion of a requirement; `security` names the catalogue's criterion it comes from. */
export interface CriterionData {
  text: string;
  /** Its number in a document that somebody numbered otherwise than by place. */
  id?: string;
  security?: string;
}

export interface RequirementData {
  title: string;
  role: string;
  want: string;
  benefit: string;
  criteria: CriterionData[];
  /** The feature it was made from; none for a requirement of security criteria alone. */
  feature?: Feature;
  /** The group of security criteria that it is. */
  theme?: Theme;
}

/** `2.3`: the number a criterion has, or gets by its place. Both indexes count from 0. */
export function criterionId(data: RequirementsData, requirement: number, place: number): string {
  return data.requirements[requirement]?.criteria[place]?.id ?? `${requirement + 1}.${place + 1}`;
}

/** A raised criterion's fate, kept in the spec, with what the documents say about it. */
export interface SecurityDecision extends Decision {
  cwe: string[];
  asvs: string[];
  verify: Verify;
}

export interface Question {
  /** What is open: `authentication`, `ownership`, `retention`, `money`, `roles`. */
  topic: string;
  text: string;
}

export interface RequirementsData {
  title: string;
  slug: string;
  /** Lines of the introduction, inline and safe. */
  summary: string;
  prompt: string;
  glossary: { term: string; meaning: string }[];
  requirements: RequirementData[];
  security: SecurityDecision[];
  questions: Question[];
  /** A change of what is there: its design and tasks stay within a page. */
  small?: boolean;
}

export interface Entity {
  name: string;
  fields: { name: string; type: string; note: string }[];
}

export interface Component {
  name: string;
  duty: string;
  files: string[];
  requirements: number[];
}

export interface Boundary {
  from: string;
  to: string;
  crosses: string;
  guard: string;
}

export interface Property {
  title: string;
  text: string;
  validates: string[];
}

export interface DesignData {
  title: string;
  overview: string;
  /** What was asked for, where the design is the first document. */
  prompt?: string;
  diagram: string;
  components: Component[];
  entities: Entity[];
  boundaries: Boundary[];
  properties: Property[];
  errors: string[];
  testing: string[];
}

export interface TaskData {
  id: string;
  title: string;
  details: string[];
  scope: string[];
  requirements: string[];
  depends: string[];
  optional?: boolean;
  children: TaskData[];
}

export interface TasksData {
  title: string;
  overview: string;
  tasks: TaskData[];
  notes: string[];
  waves: string[][];
}
