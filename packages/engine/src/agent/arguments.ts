type Schema = Readonly<Record<string, unknown>>;

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function fits(kind: string, wanted: unknown): boolean {
  const list = Array.isArray(wanted) ? wanted : [wanted];
  return list.includes(kind) || (kind === 'integer' && list.includes('number'));
}

function checkObject(value: Record<string, unknown>, schema: Schema, at: string): string[] {
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>;
  const required = Array.isArray(schema['required']) ? (schema['required'] as string[]) : [];
  const missing = required.filter((name) => value[name] === undefined).map((name) => `${at}${name} is missing`);
  const unknown =
    schema['additionalProperties'] === false
      ? Object.keys(value).filter((name) => !Object.hasOwn(properties, name))
      : [];
  const inner = Object.entries(properties).flatMap(([name, property]) =>
    value[name] === undefined ? [] : checkValue(value[name], property, `${at}${name}`),
  );
  return [...missing, ...unknown.map((name) => `${at}${name} is not known`), ...inner];
}

/** Problems of a value against the part of JSON Schema that tools use; what is not understood is not checked. */
export function checkValue(value: unknown, schema: Schema, at = ''): string[] {
  const kind = kindOf(value);
  const name = at || 'the arguments';
  if (schema['type'] !== undefined && !fits(kind, schema['type']))
    return [`${name} must be ${[schema['type']].flat().join(' or ')}, not ${kind}`];
  if (Array.isArray(schema['enum']) && !schema['enum'].includes(value))
    return [`${name} must be one of ${schema['enum'].map(String).join(', ')}`];
  if (typeof schema['minimum'] === 'number' && typeof value === 'number' && value < schema['minimum'])
    return [`${name} must be at least ${schema['minimum']}`];
  if (Array.isArray(value) && schema['items'])
    return value.flatMap((item, i) => checkValue(item, schema['items'] as Schema, `${at}[${i}]`));
  if (kind === 'object') return checkObject(value as Record<string, unknown>, schema, at === '' ? '' : `${at}.`);
  return [];
}

export type ParsedArguments = { args: Record<string, unknown> } | { problem: string };

/** The model's arguments as an object that fits the tool's schema, or what to tell the model. */
export function parseArguments(text: string, schema: Schema): ParsedArguments {
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : JSON.parse(text);
  } catch (error) {
    return { problem: `the arguments are no JSON (${(error as Error).message}); send one complete object` };
  }
  if (kindOf(value) !== 'object') return { problem: `the arguments must be an object, not ${kindOf(value)}` };
  // `null` for an optional property is how some models say «left out».
  const given = Object.fromEntries(
    Object.entries(value as Record<string, unknown>).filter(([, inner]) => inner !== null),
  );
  const problems = checkValue(given, schema);
  if (problems.length > 0) return { problem: `wrong arguments: ${problems.slice(0, 5).join('; ')}` };
  return { args: given };
}
