import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import type {
  Effort,
  LocalServer,
  ModelChoice,
  ModelClient,
  ModelConfiguration,
  ModelTable,
  Role,
} from '@ambit/engine/providers';
import { configDirectory, dataDirectory } from '@ambit/guard/state';
import { readCatalog } from './catalog.ts';
import type { Io } from './command.ts';

/** The user's `models.yaml`: which model, which servers, where keys are kept. Never read from a workspace. */
export async function readModels(env: NodeJS.ProcessEnv): Promise<ModelConfiguration> {
  const { readModelConfiguration } = await import('@ambit/engine/providers');
  const path = join(configDirectory(env), 'models.yaml');
  if (!existsSync(path)) return {};
  const { parse } = await import('yaml');
  const text = await readFile(path, 'utf8');
  try {
    return readModelConfiguration(parse(text), path);
  } catch (error) {
    if (error instanceof AmbitError) throw error;
    throw new AmbitError('input.broken', `not YAML: ${messageOf(error)}`, { where: path });
  }
}

export interface ModelWishes {
  /** From `--model`. */
  flag?: string | undefined;
  role?: Role;
  effort?: Effort | undefined;
  /** A limit in dollars: only a model whose price is known can be held to it. */
  dollars?: number | undefined;
}

/** The choice alone, for `ambit model` and `ambit doctor`; undefined when nothing is there to choose. */
export async function chooseFor(io: Pick<Io, 'env'>, wishes: ModelWishes): Promise<ModelChoice | undefined> {
  const { chooseModel, findLocalServers } = await import('@ambit/engine/providers');
  const configuration = await readModels(io.env);
  const { flag, role, effort } = wishes;
  const wish = { env: io.env, configuration, ...(flag ? { flag } : {}), ...(role ? { role } : {}) };
  return chooseModel({ ...wish, ...(effort ? { effort } : {}) }, async () => [
    ...(await findLocalServers(io.env, fetch)),
    ...(await pulledHere(io.env)),
  ]);
}

/** Runtime and weights of `ambit model pull`: the user's own data, no part of any workspace. */
export function localModels(env: NodeJS.ProcessEnv): string {
  return join(dataDirectory(env), 'local-model');
}

async function pulledHere(env: NodeJS.ProcessEnv): Promise<LocalServer[]> {
  const { pulledModels } = await import('@ambit/engine/providers/local-pull');
  const folder = localModels(env);
  const models = await pulledModels(folder);
  return models.length > 0 ? [{ provider: 'local', url: folder, models }] : [];
}

/** A chosen model, ready to be asked, with retries. */
export interface ChosenModel {
  client: ModelClient;
  choice: ModelChoice;
  table: ModelTable;
}

/** Context sizes and prices, generated data of the catalogue. */
async function modelTable(): Promise<ModelTable> {
  const [{ readModelTable }, files] = await Promise.all([import('@ambit/engine/providers'), readCatalog('models')]);
  return readModelTable(files[0]?.data);
}

const nothingUsed = { inputTokens: 0, outputTokens: 0, cachedTokens: 0 };

/** The user's own prices come before the table's. */
function pricedBy({ providers = {} }: ModelConfiguration, table: ModelTable): ModelTable {
  const dollars: ModelTable['dollars'] = (model, usage) => {
    const price = providers[model.slice(0, model.indexOf('/'))]?.price;
    if (!price) return table.dollars(model, usage);
    const { input, output, cached = input } = price;
    const fresh = Math.max(0, usage.inputTokens - usage.cachedTokens);
    return (fresh * input + usage.cachedTokens * cached + usage.outputTokens * output) / 1_000_000;
  };
  return { ...table, dollars };
}

/** Opens the model that flag, environment, configuration, keys or a local server choose; undefined without any. */
export async function openChosenModel(io: Pick<Io, 'env'>, wishes: ModelWishes): Promise<ChosenModel | undefined> {
  const choice = await chooseFor(io, wishes);
  if (!choice) return undefined;
  const { openModel, sleepFor, withRetries } = await import('@ambit/engine/providers');
  const configuration = await readModels(io.env);
  const table = pricedBy(configuration, await modelTable());
  const contextTokens = table.contextTokens(`${choice.provider}/${choice.model}`);
  const known = contextTokens ? { contextTokens } : {};
  const places = { env: io.env, configuration, localModels: localModels(io.env) };
  const client = await openModel(choice, { ...places, ...known });
  if (wishes.dollars !== undefined && table.dollars(client.id, nothingUsed) === undefined)
    throw new AmbitError('usage', `the price of \`${client.id}\` is not known, so \`--budget\` cannot be held`, {
      hint: 'use --max-turns instead, or write the price of its provider into models.yaml (docs/guides/models.md)',
    });
  return { client: withRetries(client, { sleep: sleepFor, random: Math.random }), choice, table };
}

/** As `openChosenModel`, for commands that cannot do without. */
export async function requireModel(io: Pick<Io, 'env'>, wishes: ModelWishes): Promise<ChosenModel> {
  const chosen = await openChosenModel(io, wishes);
  if (chosen) return chosen;
  throw new AmbitError('model.failed', 'no model is set up, and none was found on this machine', {
    hint: 'set a key (ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY …), start Ollama, or name one: --model provider/model; without a model: ambit spec new, ambit scan',
  });
}
