import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  detect,
  detectManifests,
  isManifest,
  openCriteria,
  parseDecisions,
  type Raised,
  raisedFor,
  rank,
} from '@ambit/core/capability';
import { criterionText, parseCriteria } from '@ambit/core/catalog';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { requirementsOf } from '@ambit/core/spec';
import { findSpec, readSpec } from '@ambit/engine/specs';
import { isBuilt, readCatalog } from '../../catalog.ts';
import { type Command, exitCode, type Io, options } from '../../command.ts';
import { findWorkspace } from '../../workspace.ts';

const flags = {
  text: { type: 'string' },
  code: { type: 'string' },
  level: { type: 'string' },
  limit: { type: 'string' },
  open: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

const help = `ambit spec criteria: the security criteria that a text or a spec calls for, ranked

Lists what the catalogue raises, the most important first, each with the words that raised it and how it is verified.
Of a spec it reads requirements and design, without what came from the catalogue, and shows what was decided.

Usage: ambit spec criteria <name> [options]
       ambit spec criteria --text FILE [options]     (- reads standard input)
       ambit spec criteria --code FOLDER [options]   what the packages of a code base call for

  --open      only criteria that are neither accepted, nor covered, nor refused for words that still stand
  --level N   leave out criteria above this ASVS level (1 to 3)
  --limit N   at most this many (30)
  --json      [{id, text, cwe, asvs, level, rank, cue: {quote, line}, verify}]; with --code the cue has a file

Example:
  echo "Users can create accounts" | ambit spec criteria --text -
`;

async function readText(path: string, io: Io): Promise<string> {
  try {
    if (path !== '-') return await readFile(resolve(io.cwd, path), 'utf8');
    let text = '';
    for await (const chunk of io.stdin) text += String(chunk);
    return text;
  } catch (error) {
    throw new AmbitError('input.missing', `the text cannot be read: ${messageOf(error)}`, {
      where: path,
      cause: error,
    });
  }
}

function number(name: string, value: string | undefined, max: number): number | undefined {
  if (value === undefined) return undefined;
  const parsed = Number(value);
  if (Number.isInteger(parsed) && parsed >= 1 && parsed <= max) return parsed;
  throw new AmbitError('usage', `\`${value}\` is no value of --${name}`, { hint: `a whole number from 1 to ${max}` });
}

interface Shown {
  raised: Raised[];
  /** What was decided, by criterion id. */
  decided: ReadonlyMap<string, string>;
}

async function ofText(path: string, limit: number | undefined, level: number | undefined, io: Io): Promise<Shown> {
  const catalog = parseCriteria(await readCatalog('criteria'), { built: isBuilt() });
  const wishes = { ...(level === undefined ? {} : { level }), ...(limit === undefined ? {} : { limit }) };
  return { raised: rank(detect(await readText(path, io), catalog), catalog, wishes), decided: new Map() };
}

/** Manifests of the folder and of its workspaces, three levels deep; what cannot be read is an error, not silence. */
async function ofCode(folder: string, limit: number | undefined, level: number | undefined, io: Io): Promise<Shown> {
  const root = resolve(io.cwd, folder);
  const files = await manifestsBelow(root, '', MANIFEST_DEPTH).catch((error: unknown) => {
    throw new AmbitError('input.missing', `the folder cannot be read: ${messageOf(error)}`, {
      where: folder,
      cause: error,
    });
  });
  const manifests = await Promise.all(
    files.map(async (file) => ({ file, text: await readFile(join(root, file), 'utf8') })),
  );
  if (manifests.length === 0)
    throw new AmbitError('input.missing', 'no manifest was found', {
      where: folder,
      hint: 'package.json, requirements.txt, pyproject.toml, Gemfile, go.mod, Cargo.toml, composer.json, pom.xml or build.gradle',
    });
  const catalog = parseCriteria(await readCatalog('criteria'), { built: isBuilt() });
  const wishes = { ...(level === undefined ? {} : { level }), ...(limit === undefined ? {} : { limit }) };
  return { raised: rank(detectManifests(manifests, catalog), catalog, wishes), decided: new Map() };
}

const MANIFEST_DEPTH = 3;
const passedOver = /^(?:\.|node_modules$|dist$|build$|vendor$|target$|coverage$|venv$)/;

async function manifestsBelow(root: string, folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const below = await Promise.all(
    entries
      .sort((a, b) => a.name.localeCompare(b.name))
      .map(async (entry) => {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isFile()) return isManifest(path) ? [path] : [];
        return entry.isDirectory() && depth > 1 && !passedOver.test(entry.name)
          ? manifestsBelow(root, path, depth - 1)
          : [];
      }),
  );
  return below.flat();
}

async function ofSpec(name: string, open: boolean, io: Io): Promise<Shown> {
  const spec = await readSpec(await findSpec(findWorkspace(io.cwd, io.env), io.cwd, name));
  const document = (spec.requirements ?? spec.bugfix)?.source ?? '';
  const criteria = requirementsOf(spec).flatMap((requirement) =>
    requirement.criteria.map(({ id, text, span }) => ({ id, text, line: span.line })),
  );
  const reading = { document, criteria, ...(spec.design ? { design: spec.design.source } : {}) };
  const catalog = parseCriteria(await readCatalog('criteria'), { built: isBuilt() });
  const decisions = parseDecisions(document);
  const decided = new Map(
    decisions.map(({ id, state }) => {
      if (state.kind === 'accepted') return [id, `accepted as ${state.as}`];
      return [id, state.kind === 'covered' ? `covered by ${state.by}` : `not applicable because ${state.reason}`];
    }),
  );
  return { raised: open ? openCriteria(reading, catalog) : raisedFor(reading, decisions, catalog), decided };
}

function asJson(one: Raised) {
  const { id, cwe, asvs, level, verify } = one.criterion;
  return { id, text: criterionText(one.criterion), cwe, asvs, level, rank: one.rank, cue: one.cue, verify };
}

function asText(one: Raised, decided: string | undefined): string {
  const { id, cwe, asvs, why } = one.criterion;
  return `${String(one.rank).padStart(2)}. ${criterionText(one.criterion)}
    ${id} · ${cwe.join(', ')} · ASVS ${asvs.join(', ')}
    why: ${why}
    raised by ${one.cue.file === undefined ? '' : `${one.cue.file} `}line ${one.cue.line}: “${one.cue.quote}”
${decided === undefined ? '' : `    ${decided}\n`}`;
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('spec criteria', args, flags);
  const level = number('level', values.level, 3);
  const limit = number('limit', values.limit, 1_000);
  const [name] = positionals;
  const given = [name, values.text, values.code].filter((one) => one !== undefined).length;
  if (given !== 1)
    throw new AmbitError(
      'usage',
      given === 0 ? 'there is no spec name, text or folder' : 'only one source can be read',
      {
        hint: 'ambit spec criteria user-accounts, or --text FILE, or --code FOLDER',
      },
    );
  const shown =
    values.text !== undefined
      ? await ofText(values.text, limit, level, io)
      : values.code !== undefined
        ? await ofCode(values.code, limit, level, io)
        : await ofSpec(name ?? '', values.open === true, io);
  const raised = shown.raised
    .filter((one) => level === undefined || one.criterion.level <= level)
    .slice(0, limit)
    .map((one, index) => ({ ...one, rank: index + 1 }));
  if (values.json) io.out(`${JSON.stringify(raised.map(asJson), null, 2)}\n`);
  else if (raised.length === 0)
    io.out(
      values.open ? 'nothing is open\n' : 'no security criteria: the text names nothing that the catalogue knows\n',
    );
  else io.out(raised.map((one) => asText(one, shown.decided.get(one.criterion.id))).join('\n'));
  return exitCode.done;
}

export const command: Command = { name: 'criteria', summary: 'security criteria that a text calls for', help, run };
