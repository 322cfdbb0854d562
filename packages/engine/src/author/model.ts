import { coverageOf, type Raised } from '@ambit/core/capability';
import type { CriteriaCatalog } from '@ambit/core/catalog';
import { checkSpec, type Diagnostic, type LintRules, parseRequirements } from '@ambit/core/spec';
import * as z from 'zod/mini';
import { configFile, type Draft, type DraftOptions, type Phase } from './author.ts';
import { type Layout, writeDesign } from './design.ts';
import type { Component, DesignData, RequirementData, RequirementsData, SecurityDecision } from './document.ts';
import { designSystem, projectText, requirementsSystem } from './model-prompt.ts';
import { renderDesign, renderRequirements, renderTasks } from './render.ts';
import { mergeSecurity, raiseFor } from './requirements.ts';
import { type Asker, ask } from './structured.ts';
import type { Survey } from './survey.ts';
import { writeTasks } from './tasks.ts';
import { checksum, clean, inline, slugOf, unmarked } from './text.ts';

const short = z.string().check(z.maxLength(300));
const long = z.string().check(z.maxLength(2_000));

const requirementsAnswer = z.object({
  title: short,
  summary: long,
  glossary: z.array(z.object({ term: short, meaning: short })).check(z.maxLength(40)),
  requirements: z
    .array(
      z.object({
        title: short,
        role: short,
        want: short,
        benefit: short,
        criteria: z.array(z.string().check(z.maxLength(600))).check(z.minLength(1), z.maxLength(20)),
      }),
    )
    .check(z.minLength(1), z.maxLength(30)),
  questions: z.array(z.object({ topic: short, text: short })).check(z.maxLength(6)),
});
type RequirementsAnswer = z.infer<typeof requirementsAnswer>;

const designAnswer = z.object({
  overview: long,
  components: z
    .array(
      z.object({
        name: short,
        duty: short,
        files: z.array(short).check(z.minLength(1), z.maxLength(12)),
        requirements: z.array(z.int()),
      }),
    )
    .check(z.minLength(1), z.maxLength(20)),
  entities: z
    .array(
      z.object({
        name: short,
        fields: z.array(z.object({ name: short, type: short, note: short })).check(z.maxLength(40)),
      }),
    )
    .check(z.maxLength(30)),
});

export interface ModelAuthor extends Asker {
  rules: LintRules;
  catalog: CriteriaCatalog;
  survey?: Survey;
}

function requirementsOf(answer: RequirementsAnswer): RequirementData[] {
  return answer.requirements.map((one) => ({
    title: inline(one.title, 100),
    role: inline(one.role, 40).toLowerCase() || 'user',
    want: inline(one.want, 160).replace(/^to /u, ''),
    benefit: inline(one.benefit).replace(/\.$/u, ''),
    criteria: one.criteria.map((text) => ({ text: unmarked(text.replace(/^\s*\d+(?:\.\d+)*[.)]\s*/u, ''), 600) })),
  }));
}

function dataOf(prompt: string, answer: RequirementsAnswer, options: DraftOptions): RequirementsData {
  const title = inline(answer.title, 80) || 'New feature';
  return {
    title,
    slug: options.slug ?? slugOf(title) ?? `spec-${checksum(prompt)}`,
    summary: inline(answer.summary, 2_000),
    prompt: inline(prompt, 2_000),
    glossary: [
      { term: 'System', meaning: `the software that this document specifies: ${title}` },
      ...answer.glossary
        .filter((entry) => !/^(the )?system$/iu.test(entry.term))
        .map((entry) => ({ term: inline(entry.term, 60), meaning: inline(entry.meaning, 300) })),
    ],
    requirements: requirementsOf(answer),
    security: [],
    questions: answer.questions
      .filter((question) => !(question.topic in (options.answers ?? {})))
      .map((question) => ({ topic: inline(question.topic, 40), text: inline(question.text, 300) })),
  };
}

function faultsOf(data: RequirementsData, rules: LintRules): string[] {
  const requirements = parseRequirements(renderRequirements({ ...data, questions: [] }));
  const wrong = (entry: Diagnostic) =>
    entry.severity !== 'info' && /^(E|S[12])/.test(entry.rule) && entry.rule !== 'E13';
  return checkSpec({ name: data.slug, requirements }, { rules })
    .filter(wrong)
    .map((entry) => `criterion ${entry.about ?? '?'}: ${entry.message} (${entry.rule})`);
}

/** Catalogue criteria beside the model's: what the model said already is covered, the rest is added. */
function secure(data: RequirementsData, raised: readonly Raised[], catalog: CriteriaCatalog): RequirementsData {
  const said = data.requirements.flatMap((one, index) =>
    one.criteria.map((criterion, place) => ({ id: `${index + 1}.${place + 1}`, text: criterion.text })),
  );
  const coverage = coverageOf(said, catalog);
  const covered: SecurityDecision[] = [];
  const open: Raised[] = [];
  for (const entry of raised) {
    const by = coverage(entry.criterion);
    if (!by) open.push(entry);
    else
      covered.push({
        id: entry.criterion.id,
        state: { kind: 'covered', by: by.id },
        cwe: entry.criterion.cwe,
        asvs: entry.criterion.asvs,
        verify: entry.criterion.verify,
        cue: { quote: inline(entry.cue.quote), line: entry.cue.line },
      });
  }
  const requirements = data.requirements.map((one) => ({ ...one, criteria: [...one.criteria] }));
  const accepted = mergeSecurity(open, requirements);
  return { ...data, requirements, security: [...accepted, ...covered] };
}

const relativeGlob = /^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))(?!\.(?:git|kiro|ambit)(?:\/|$))[\w@.()[\]*?{},/+-]+$/u;

type DesignAnswer = z.infer<typeof designAnswer>;

const carried = (answer: DesignAnswer, id: number) => answer.components.some((one) => one.requirements.includes(id));

function designFaults(answer: DesignAnswer, data: RequirementsData): string[] {
  const outside = answer.components.flatMap((one) => one.files.filter((file) => !relativeGlob.test(file)));
  return [
    ...outside.map((file) => `the file \`${file}\` is not a relative path or glob inside the project`),
    ...data.requirements.flatMap((requirement, index) =>
      requirement.theme || carried(answer, index + 1) ? [] : [`no component carries requirement ${index + 1}`],
    ),
  ];
}

/** The answer's components; what they leave out is carried as the built-in author would have it. */
function componentsFrom(answer: DesignAnswer, data: RequirementsData, own: DesignData): Component[] {
  const components = answer.components.map((one) => ({
    name: inline(one.name, 60) || 'Part',
    duty: inline(one.duty, 200).replace(/\.$/u, ''),
    files: one.files.filter((file) => relativeGlob.test(file)),
    requirements: [...new Set(one.requirements.filter((id) => data.requirements[id - 1]))],
  }));
  const usable = components.filter((one) => one.files.length > 0 && one.requirements.length > 0);
  const left = own.components.flatMap((one) => {
    const requirements = one.requirements.filter((id) => !usable.some((other) => other.requirements.includes(id)));
    return requirements.length === 0 ? [] : [{ ...one, requirements }];
  });
  return [...usable, ...left];
}

async function modelDesign(author: ModelAuthor, data: RequirementsData, layout: Layout): Promise<DesignData> {
  const own = writeDesign(data, layout);
  author.progress?.('design');
  const prompt = `${projectText(author.survey)}\n\n${renderRequirements(data)}`;
  const answer = await ask(author, designSystem, prompt, designAnswer, (value) => designFaults(value, data));
  const cell = (text: string) => inline(text, 120) || '–';
  return {
    ...own,
    overview: inline(answer.overview, 2_000),
    components: componentsFrom(answer, data, own),
    entities: answer.entities.map((entity) => ({
      name: cell(entity.name),
      fields: entity.fields.map(({ name, type, note }) => ({ name: cell(name), type: cell(type), note: cell(note) })),
    })),
  };
}

/**
 * The model author: requirements and design by structured output, repaired by the linter at most twice, security criteria
 * from the catalogue whatever the model says, tasks derived so that every criterion has one and scopes are disjoint.
 */
export async function modelDraft(prompt: string, author: ModelAuthor, options: DraftOptions): Promise<Draft> {
  const text = clean(prompt);
  author.progress?.('requirements');
  const answers = Object.entries(options.answers ?? {}).map(([topic, answer]) => `Decided on ${topic}: ${answer}`);
  const asked = [projectText(author.survey), `What is asked for:\n${text}`, ...answers].filter(Boolean).join('\n\n');
  const answer = await ask(author, requirementsSystem, asked, requirementsAnswer, (value) =>
    faultsOf(dataOf(text, value, options), author.rules),
  );
  const plain = dataOf(text, answer, options);
  const said = plain.requirements.flatMap((one) => one.criteria.map((criterion) => `- ${criterion.text}`)).join('\n');
  const data = secure(
    plain,
    raiseFor(text, [said, options.project ?? ''].join('\n\n'), author.catalog),
    author.catalog,
  );
  const wanted = (phase: Phase) => options.phase === undefined || order.indexOf(phase) <= order.indexOf(options.phase);
  const layout = options.layout ?? author.survey?.layout;
  const design = wanted('design')
    ? await modelDesign(author, data, layout ?? { source: 'src', test: 'test', stack: [] })
    : writeDesign(data, layout);
  const tasks = writeTasks(data, design);
  const files = [{ name: 'requirements.md', content: renderRequirements(data) }];
  if (wanted('design')) files.push({ name: 'design.md', content: renderDesign(design) });
  if (wanted('tasks')) files.push({ name: 'tasks.md', content: renderTasks(tasks) });
  files.push(configFile(options.specId, options.workflow ?? 'requirements-first', 'feature'));
  return { slug: data.slug, title: data.title, files, requirements: data, design, tasks };
}

const order: readonly Phase[] = ['requirements', 'design', 'tasks'];
