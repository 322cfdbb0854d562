import type { CallFact, Machine } from './machine.ts';
import { memberOf } from './member.ts';
import { ALL_BITS, bitsOf } from './models.ts';
import { cleaned, type Value } from './value.ts';

/** Parts of a schema that leave no room for anything but what they name. */
const STRICT =
  /\.(regex|uuid|guid|enum|nativeEnum|literal|number|int|boolean|bigint|date|datetime|cuid2?|ulid|nanoid|ip|ipv4|ipv6|hex|alphanum|valid|picklist)\(\)/;
const TYPED = bitsOf(['nosql', 'mass', 'prototype']);
const PARSES: ReadonlySet<string> = new Set(['parse', 'parseAsync', 'safeParse', 'safeParseAsync', 'validateSync']);

function fieldBits(field: Value): number {
  return STRICT.test(`${field.ref ?? ''}`) ? ALL_BITS : TYPED;
}

/** What a schema such as `z.object({ host: z.string().regex(…) })` knows of its fields, kept with the schema. */
export function schemaOf(fact: CallFact, name: string): Value | undefined {
  const fields = fact.args[0];
  if (!/^(object|strictObject|looseObject)$/.test(name) || fields?.props === undefined || fields.taint !== undefined)
    return undefined;
  return { ref: `${fact.ref}()`, props: fields.props };
}

/** What comes out of a schema: each field as safe as its own schema makes it; `undefined` for anything else. */
export function parsedBy(machine: Machine, fact: CallFact, name: string): Value | undefined {
  const { receiver, args } = fact;
  const input = args[0];
  if (!PARSES.has(name) || receiver?.ref === undefined || input?.taint === undefined) return undefined;
  const { ref: _ref, ...rest } = input;
  if (STRICT.test(receiver.ref)) return cleaned(rest, ALL_BITS);
  if (receiver.props === undefined) return undefined;
  const props = new Map<string, Value>();
  for (const [key, field] of receiver.props)
    props.set(key, cleaned(memberOf(machine, rest, key, fact.node), fieldBits(field)));
  const whole: Value = { ...cleaned(rest, TYPED), props };
  return name.startsWith('safe') ? { props: new Map([['data', whole]]) } : whole;
}
