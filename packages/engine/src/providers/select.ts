import { AmbitError } from '@ambit/core/errors';
import { providerKind, providerKinds } from './catalog.ts';
import type { ModelConfiguration } from './configuration.ts';
import type { Effort } from './model.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export type Role = 'author' | 'coder' | 'reviewer';

export interface ModelWish {
  /** From `--model`. */
  flag?: string;
  role?: Role;
  effort?: Effort;
  env: Environment;
  configuration: ModelConfiguration;
}

/** What was chosen and why; `because` is for people. */
export interface ModelChoice {
  provider: string;
  model: string;
  effort?: Effort;
  because: string;
}

/** A server on this machine and the models it says it has. */
export interface LocalServer {
  provider: string;
  url: string;
  models: string[];
}

function parseName(name: string, because: string, configuration: ModelConfiguration): ModelChoice {
  const slash = name.indexOf('/');
  const provider = slash < 0 ? name : name.slice(0, slash);
  const kind = providerKind(provider);
  const named = configuration.providers?.[provider];
  if (!kind && !named) {
    const known = [...providerKinds.map((entry) => entry.name), ...Object.keys(configuration.providers ?? {})];
    throw new AmbitError('usage', `there is no provider \`${provider}\` in \`${name}\` (${because})`, {
      hint: `write provider/model; providers: ${known.join(', ')}`,
    });
  }
  const model = slash < 0 ? (kind?.model ?? '') : name.slice(slash + 1);
  if (model === '' && !kind?.local && !kind?.pulled)
    throw new AmbitError('usage', `\`${name}\` (${because}) names no model`, {
      hint: `write ${provider}/<model>`,
    });
  return { provider: named ? provider : (kind?.name ?? provider), model, because };
}

function named({ flag, role, env, configuration }: ModelWish): ModelChoice | undefined {
  const fromRole = role ? configuration.roles?.[role] : undefined;
  if (flag) return parseName(flag, '--model', configuration);
  if (env['AMBIT_MODEL']) return parseName(env['AMBIT_MODEL'], 'AMBIT_MODEL', configuration);
  if (fromRole) return parseName(fromRole, `configuration, role ${role}`, configuration);
  if (configuration.model) return parseName(configuration.model, 'configuration', configuration);
  return undefined;
}

function byKey(env: Environment): ModelChoice | undefined {
  for (const kind of providerKinds) {
    const key = kind.keys.find((name) => env[name]);
    if (!key) continue;
    if (kind.name === 'openai-compatible') {
      if (!env['OPENAI_BASE_URL'] || !env['OPENAI_MODEL']) continue;
      return { provider: kind.name, model: env['OPENAI_MODEL'], because: 'OPENAI_BASE_URL and OPENAI_MODEL are set' };
    }
    if (kind.model) return { provider: kind.name, model: kind.model, because: `${key} is set` };
  }
  return undefined;
}

/** Asks this machine's model servers what they have; silent ones are left out. */
export type FindLocal = () => Promise<LocalServer[]>;

/**
 * Which model does the work: `--model`, `AMBIT_MODEL`, the configuration (role first), a key in the environment, a
 * server on this machine. Undefined when there is none of these.
 */
export async function chooseModel(wish: ModelWish, findLocal: FindLocal): Promise<ModelChoice | undefined> {
  const effort = wish.effort ?? wish.configuration.effort;
  const choice = named(wish) ?? byKey(wish.env);
  const complete = choice && choice.model !== '' ? choice : await firstLocal(findLocal, choice);
  return complete && effort ? { ...complete, effort } : complete;
}

async function firstLocal(findLocal: FindLocal, wanted: ModelChoice | undefined): Promise<ModelChoice | undefined> {
  const servers = await findLocal();
  const server = servers.find((entry) => entry.models.length > 0 && (!wanted || entry.provider === wanted.provider));
  const model = server?.models[0];
  if (server && model)
    return { provider: server.provider, model, because: wanted?.because ?? `it runs here, at ${server.url}` };
  if (!wanted) return undefined;
  throw new AmbitError('model.failed', `no model of \`${wanted.provider}\` was found on this machine`, {
    hint: `start it and load a model, or name one: --model ${wanted.provider}/<model>`,
  });
}
