// The line scanner against a full CommonMark parser: headings and task items of real documents must be the same.
import { parseTasks, type SpecTexts } from '@ambit/core/spec';
import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTaskListItemFromMarkdown } from 'mdast-util-gfm-task-list-item';
import { gfmTaskListItem } from 'micromark-extension-gfm-task-list-item';
import { corpusSpecs } from './corpus.ts';

function linesOf(text: string): { headings: Set<number>; items: Set<number> } {
  const headings = new Set<number>();
  const items = new Set<number>();
  const visit = (node: Nodes) => {
    const line = node.position?.start.line ?? 0;
    // A setext heading is a paragraph to everybody who writes specs; only `#` counts.
    if (
      node.type === 'heading' &&
      text
        .split(/\r\n|\n|\r/)
        [line - 1]?.trimStart()
        .startsWith('#')
    )
      headings.add(line);
    if (node.type === 'listItem' && node.checked !== null && node.checked !== undefined) items.add(line);
    if ('children' in node) for (const child of node.children) visit(child as Nodes);
  };
  visit(fromMarkdown(text, { extensions: [gfmTaskListItem()], mdastExtensions: [gfmTaskListItemFromMarkdown()] }));
  return { headings, items };
}

export interface MarkdownFigures {
  headings: { markdown: number; found: number };
  items: { markdown: number; found: number };
  disagreements: string[];
}

export function measureMarkdown(specs: readonly SpecTexts[]): MarkdownFigures {
  const figures: MarkdownFigures = {
    headings: { markdown: 0, found: 0 },
    items: { markdown: 0, found: 0 },
    disagreements: [],
  };
  for (const { tasks } of specs) {
    if (!tasks) continue;
    const expected = linesOf(tasks.text);
    const tree = parseTasks(tasks.text, tasks.file);
    const headings = new Set(tree.sections.map((section) => section.span.line));
    const items = new Set(tree.tasks.filter((task) => task.box).map((task) => task.line.line));
    for (const line of expected.headings) {
      figures.headings.markdown++;
      if (headings.has(line)) figures.headings.found++;
      else figures.disagreements.push(`${tasks.file}:${line} heading`);
    }
    for (const line of expected.items) {
      figures.items.markdown++;
      if (items.has(line)) figures.items.found++;
      else figures.disagreements.push(`${tasks.file}:${line} task item`);
    }
    for (const line of headings)
      if (!expected.headings.has(line)) figures.disagreements.push(`${tasks.file}:${line} no heading`);
  }
  return figures;
}

if (import.meta.main) console.log(measureMarkdown(corpusSpecs()));
