import type { CriteriaCatalog } from '@ambit/core/catalog';
import { type Layout, writeDesign } from './design.ts';
import type { DesignData, RequirementsData, TasksData } from './document.ts';
import { renderDesign, renderRequirements, renderTasks } from './render.ts';
import { type RequirementsOptions, writeRequirements } from './requirements.ts';
import { writeTasks } from './tasks.ts';

export type Phase = 'requirements' | 'design' | 'tasks';
export type Workflow = 'requirements-first' | 'design-first' | 'fast-task';

/** A document of a spec folder, ready to be written. */
export interface SpecFile {
  name: string;
  content: string;
}

export interface DraftOptions extends RequirementsOptions {
  /** The last phase to write; all without it. */
  phase?: Phase;
  workflow?: Workflow;
  layout?: Layout;
  /** Identifier for `.config.kiro`. */
  specId: string;
}

export interface Draft {
  slug: string;
  title: string;
  files: SpecFile[];
  requirements: RequirementsData;
  design: DesignData;
  tasks: TasksData;
}

export function configFile(specId: string, workflowType: string, specType: string): SpecFile {
  return { name: '.config.kiro', content: `${JSON.stringify({ specId, workflowType, specType })}\n` };
}

const order: Record<Workflow, readonly Phase[]> = {
  'requirements-first': ['requirements', 'design', 'tasks'],
  'design-first': ['design', 'requirements', 'tasks'],
  'fast-task': ['requirements', 'design', 'tasks'],
};

/**
 * The built-in author: a prompt to the documents of a spec, by the catalogue and grammar alone. Pure and total, so any
 * prompt gives documents that `spec check` accepts; no model is used.
 */
export function draftSpec(prompt: string, catalog: CriteriaCatalog, options: DraftOptions): Draft {
  const requirements = writeRequirements(prompt, catalog, options);
  const design = writeDesign(requirements, options.layout);
  const tasks = writeTasks(requirements, design);
  const workflow = options.workflow ?? (options.quick ? 'fast-task' : 'requirements-first');
  const content: Record<Phase, () => string> = {
    requirements: () => renderRequirements(requirements),
    // The first document keeps what was asked for, so that the next one can be written from it.
    design: () => renderDesign(workflow === 'design-first' ? { ...design, prompt: requirements.prompt } : design),
    tasks: () => renderTasks(tasks),
  };
  const phases = order[workflow];
  const last = options.phase === undefined ? phases.length : phases.indexOf(options.phase) + 1;
  const files = phases.slice(0, last).map((phase) => ({ name: `${phase}.md`, content: content[phase]() }));
  files.push(configFile(options.specId, workflow, options.quick ? 'quick-spec' : 'feature'));
  return { slug: requirements.slug, title: requirements.title, files, requirements, design, tasks };
}
