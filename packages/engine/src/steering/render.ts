import { showInvisible } from '@ambit/core/text';
import { type ReadReference, withReferences } from './references.ts';
import type { Selected } from './select.ts';

/** The part of the system prompt that steering makes; empty without any. Invisible characters are shown by name. */
export async function renderSteering(selected: readonly Selected[], read: ReadReference): Promise<string> {
  const parts: string[] = [];
  for (const { file } of selected) {
    const body = showInvisible((await withReferences(file.body, read)).trim());
    if (body !== '') parts.push(`<steering file="${file.path}">\n${body}\n</steering>`);
  }
  return parts.join('\n\n');
}
