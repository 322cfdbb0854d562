import { parseConfig } from './config.ts';
import { parseDesign } from './design.ts';
import { parseBugfix, parseRequirements } from './requirements.ts';
import { parseTasks } from './tasks.ts';
import type { Spec, SpecTexts } from './types.ts';

/** Parses what is there of one spec folder. */
export function parseSpec(texts: SpecTexts): Spec {
  const { requirements, bugfix, design, tasks, config } = texts;
  return {
    name: texts.name,
    ...(requirements ? { requirements: parseRequirements(requirements.text, requirements.file) } : {}),
    ...(bugfix ? { bugfix: parseBugfix(bugfix.text, bugfix.file) } : {}),
    ...(design ? { design: parseDesign(design.text, design.file) } : {}),
    ...(tasks ? { tasks: parseTasks(tasks.text, tasks.file) } : {}),
    ...(config ? { config: parseConfig(config.text, config.file) } : {}),
  };
}

/** The requirements, or a bug analysis in their place. */
export const requirementsOf = (spec: Spec) => spec.requirements?.requirements ?? spec.bugfix?.requirements ?? [];
