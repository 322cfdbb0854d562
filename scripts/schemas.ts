// Writes JSON Schemas of the shapes others read or write into catalog/schemas. `--check` fails when one is out of date.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { action, ambit, decision, event, outcome, record } from '@ambit/core/schema';
import * as z from 'zod/mini';
import { root } from './files.ts';

const folder = join(root, 'catalog', 'schemas');

const shapes: Record<string, { schema: z.ZodMiniType; title: string }> = {
  action: { schema: action, title: 'Something wants to happen' },
  ambit: { schema: ambit, title: 'The limits of one run' },
  decision: { schema: decision, title: 'May it happen' },
  event: { schema: event, title: 'Something happened: one line of --json output' },
  outcome: { schema: outcome, title: 'What came of an action' },
  record: { schema: record, title: 'One line of the audit log' },
};

function generated(): Map<string, string> {
  const files = new Map<string, string>();
  for (const [name, { schema, title }] of Object.entries(shapes)) {
    const body = { title, ...z.toJSONSchema(schema, { target: 'draft-2020-12' }) };
    files.set(`${name}.schema.json`, `${JSON.stringify(body, null, 2)}\n`);
  }
  return files;
}

/** Schemas that are missing, differ, or belong to no shape. */
export function schemaErrors(): string[] {
  const wanted = generated();
  const errors: string[] = [];
  for (const [name, text] of wanted) {
    const path = join(folder, name);
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text)
      errors.push(`catalog/schemas/${name} is out of date; run: npm run schemas`);
  }
  for (const name of readdirSync(folder))
    if (name.endsWith('.json') && !wanted.has(name)) errors.push(`catalog/schemas/${name} belongs to no shape`);
  return errors;
}

if (import.meta.main) {
  mkdirSync(folder, { recursive: true });
  const wanted = generated();
  for (const name of readdirSync(folder)) if (name.endsWith('.json') && !wanted.has(name)) rmSync(join(folder, name));
  for (const [name, text] of wanted) writeFileSync(join(folder, name), text);
}
