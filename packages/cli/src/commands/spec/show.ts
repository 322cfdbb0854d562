import {
  type DocumentTree,
  type ReferenceIndex,
  type RequirementRef,
  referenceIndex,
  requirementsOf,
  resolveReference,
  type Spec,
  type Task,
} from '@ambit/core/spec';
import { readSpec } from '@ambit/engine/specs';
import { type Command, exitCode, type Io, options } from '../../command.ts';
import { askedSpecs } from './place.ts';

const help = `ambit spec show: one spec as Ambit reads it

Requirements, criteria with their EARS parts, design parts, tasks with state, and every reference resolved or not.

Usage: ambit spec show <name or folder> [--json]

A folder works outside a workspace too.

Example:
  ambit spec show .kiro/specs/user-accounts --json
`;

function withResolution(ref: RequirementRef, index: ReferenceIndex) {
  const { criteria, requirements, resolved, missing } = resolveReference(ref, index);
  return { ...ref, resolved, criteria, requirements, ...(missing.length > 0 ? { missing } : {}) };
}

/** The tree without the source, which the reader has as a file. */
function withoutSource<T extends Pick<DocumentTree, 'source'>>(tree: T): Omit<T, 'source'> {
  const { source: _source, ...rest } = tree;
  return rest;
}

/** The JSON of `--json`: the parsed tree with references resolved. */
export function specJson(spec: Spec): Record<string, unknown> {
  const index = referenceIndex(requirementsOf(spec));
  const refs = (list: readonly RequirementRef[]) => list.map((ref) => withResolution(ref, index));
  const { requirements, bugfix, design, tasks, config } = spec;
  return {
    version: 1,
    name: spec.name,
    ...(requirements ? { requirements: withoutSource(requirements) } : {}),
    ...(bugfix ? { bugfix: withoutSource(bugfix) } : {}),
    ...(design
      ? {
          design: {
            ...withoutSource(design),
            properties: design.properties.map((property) => ({ ...property, validates: refs(property.validates) })),
            mentions: refs(design.mentions),
          },
        }
      : {}),
    ...(tasks
      ? {
          tasks: {
            ...withoutSource(tasks),
            tasks: tasks.tasks.map((task) => ({ ...task, requirements: refs(task.requirements) })),
          },
        }
      : {}),
    ...(config ? { config: withoutSource(config) } : {}),
  };
}

const boxes = { open: '[ ]', done: '[x]', 'in-progress': '[-]', queued: '[~]', unknown: '[?]' } as const;

function taskLine(task: Task): string {
  const box = task.box ? boxes[task.box.state] : '   ';
  const refs = task.requirements.map((ref) => ref.text).join(', ');
  const scope = task.scope.map((slot) => slot.text).join(', ');
  const notes = [refs ? `→ ${refs}` : '', scope ? `scope ${scope}` : '', task.optional ? 'optional' : '']
    .filter(Boolean)
    .join('; ');
  return `${'  '.repeat(task.depth + 1)}${box} ${task.number ?? ''} ${task.title}${notes ? `  (${notes})` : ''}\n`;
}

function print(spec: Spec, io: Io): void {
  io.out(`${spec.name}\n`);
  for (const requirement of requirementsOf(spec)) {
    io.out(`\n${requirement.id}. ${requirement.title}\n`);
    if (requirement.story) io.out(`  ${requirement.story.text}\n`);
    for (const criterion of requirement.criteria) io.out(`  ${criterion.id}  ${criterion.text}\n`);
  }
  if (spec.design) {
    const { components, dataModels, properties } = spec.design;
    io.out('\nDesign\n');
    for (const part of [...components, ...dataModels])
      io.out(`  ${part.name}${part.files.length > 0 ? `  (${part.files.map((file) => file.text).join(', ')})` : ''}\n`);
    for (const property of properties)
      io.out(
        `  property ${property.id}: ${property.title}  → ${property.validates.map((ref) => ref.text).join(', ')}\n`,
      );
  }
  if (spec.tasks) io.out(`\nTasks\n${spec.tasks.tasks.map(taskLine).join('')}`);
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('spec show', args, { json: { type: 'boolean', default: false } });
  const places = await askedSpecs(positionals.length > 0 ? positionals : ['.'], io);
  for (const place of places) {
    const spec = await readSpec(place);
    if (values.json) io.out(`${JSON.stringify(specJson(spec), null, 2)}\n`);
    else print(spec, io);
  }
  return exitCode.done;
}

export const command: Command = { name: 'show', summary: 'one spec as parsed', help, run };
