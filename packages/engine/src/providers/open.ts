import type { LanguageModelV4 } from '@ai-sdk/provider';
import { AmbitError } from '@ambit/core/errors';
import { providerKind } from './catalog.ts';
import { type ModelConfiguration, readKey } from './configuration.ts';
import { localUrl } from './local.ts';
import type { ModelClient } from './model.ts';
import type { Dialect } from './prompt.ts';
import { type SdkClientOptions, sdkClient } from './sdk-client.ts';
import type { ModelChoice } from './select.ts';
import { leanFetch } from './transport.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface OpenOptions {
  env: Environment;
  configuration: ModelConfiguration;
  /** From the price table, where the model is known. */
  contextTokens?: number;
  silenceMs?: number;
  /** Where the runtime and weights of `ambit model pull` lie. */
  localModels?: string;
}

/** Everything a provider package needs to be told. */
interface Target {
  kind: string;
  model: string;
  url: string | undefined;
  key: string | undefined;
  env: Environment;
}

const trimmed = (url: string | undefined) => url?.replace(/\/+$/, '');
const addressed = (url: string | undefined) => ({ fetch: leanFetch, ...(url ? { baseURL: url } : {}) });
const keyed = (key: string | undefined) => (key ? { apiKey: key } : {});
/** Anthropic and Google write their address without the version; the packages want it. */
const versioned = (url: string | undefined, version: string) =>
  url && !/\/v\d+\w*$/.test(url) ? `${url}/${version}` : url;

async function loadModel({ kind, model, url, key, env }: Target): Promise<LanguageModelV4> {
  switch (kind) {
    case 'anthropic': {
      const { createAnthropic } = await import('@ai-sdk/anthropic');
      return createAnthropic({ ...addressed(versioned(url, 'v1')), ...keyed(key) })(model);
    }
    case 'openai': {
      const { createOpenAI } = await import('@ai-sdk/openai');
      return createOpenAI({ ...addressed(url), ...keyed(key) }).responses(model);
    }
    case 'openai-chat': {
      const { createOpenAI } = await import('@ai-sdk/openai');
      return createOpenAI({ ...addressed(url), ...keyed(key) }).chat(model);
    }
    case 'google': {
      const { createGoogle } = await import('@ai-sdk/google');
      return createGoogle({ ...addressed(versioned(url, 'v1beta')), ...keyed(key) })(model);
    }
    case 'bedrock':
      return loadBedrock(model, url, env);
    default: {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
      const settings = { name: 'compatible', includeUsage: true, supportsStructuredOutputs: true, fetch: leanFetch };
      return createOpenAICompatible({ ...settings, baseURL: url ?? '', ...keyed(key) })(model);
    }
  }
}

async function loadBedrock(model: string, url: string | undefined, env: Environment): Promise<LanguageModelV4> {
  const { createAmazonBedrock } = await import('@ai-sdk/amazon-bedrock');
  const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  const bearer = env['AWS_BEARER_TOKEN_BEDROCK'];
  if (bearer) return createAmazonBedrock({ region, apiKey: bearer, ...addressed(url) })(model);
  return createAmazonBedrock({
    region,
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    ...(env['AWS_SESSION_TOKEN'] ? { sessionToken: env['AWS_SESSION_TOKEN'] } : {}),
    ...addressed(url),
  })(model);
}

/** Caching where the provider wants to be told; nothing is kept on the provider's side beyond that. */
const dialects: Record<string, Dialect> = {
  anthropic: { cacheMark: { anthropic: { cacheControl: { type: 'ephemeral' } } } },
  bedrock: { cacheMark: { bedrock: { cachePoint: { type: 'default' } } } },
  openai: { options: { openai: { store: false, include: ['reasoning.encrypted_content'] } } },
  'openai-chat': { options: { openai: { store: false } } },
};

function requireKey(kind: string, key: string | undefined, names: readonly string[]): void {
  if (key || names.length === 0 || kind === 'openai-compatible') return;
  throw new AmbitError('model.failed', `there is no key for \`${kind}\``, {
    hint: `set ${names.join(' or ')}, or name another model with --model; ambit doctor lists what is there`,
  });
}

async function target(choice: ModelChoice, options: OpenOptions): Promise<Target> {
  const { env, configuration } = options;
  const own = configuration.providers?.[choice.provider];
  const kind = providerKind(own?.kind ?? (own ? 'openai-compatible' : choice.provider));
  if (!kind) throw new AmbitError('usage', `there is no provider of kind \`${own?.kind ?? choice.provider}\``);
  const configured = own?.key ? await readKey(own.key, env, `providers.${choice.provider}.key`) : undefined;
  const key = configured ?? (own ? undefined : kind.keys.map((name) => env[name]).find(Boolean));
  const fromEnv = kind.baseUrlVariable ? env[kind.baseUrlVariable] : undefined;
  const url = trimmed(own?.url ?? (kind.local ? localUrl(kind, env) : fromEnv));
  if (!own) requireKey(kind.name, key, kind.keys);
  if (kind.name === 'openai-compatible' && !url)
    throw new AmbitError('usage', 'an OpenAI-compatible server needs its address', {
      hint: 'set OPENAI_BASE_URL, for instance http://127.0.0.1:8000/v1',
    });
  return { kind: kind.name, model: choice.model, url, key, env };
}

/** A client for the chosen model. The provider's package is loaded at the first request. */
export async function openModel(choice: ModelChoice, options: OpenOptions): Promise<ModelClient> {
  const { localModels, configuration } = options;
  if (choice.provider === 'local' && !configuration.providers?.['local'] && localModels) {
    const [{ llamaClient }, { pulledModelPath }] = await Promise.all([import('./llama.ts'), import('./local-pull.ts')]);
    const modelPath = pulledModelPath(localModels, choice.model);
    return llamaClient({ id: `local/${choice.model}`, folder: localModels, modelPath });
  }
  const found = await target(choice, options);
  const dialect = dialects[found.kind];
  const contextTokens = options.configuration.providers?.[choice.provider]?.contextTokens ?? options.contextTokens;
  const client: SdkClientOptions = {
    id: `${choice.provider}/${choice.model}`,
    load: () => loadModel(found),
    ...(dialect ? { dialect } : {}),
    ...(contextTokens ? { contextTokens } : {}),
    ...(options.silenceMs ? { silenceMs: options.silenceMs } : {}),
  };
  return sdkClient(client);
}
