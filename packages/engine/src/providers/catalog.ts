/** A kind of server Ambit can talk to: which package, which keys, which address. */
export interface ProviderKind {
  name: string;
  /** Other spellings of `--model <name>/…`. */
  aliases?: readonly string[];
  /** Environment variables that hold a key, the first that is set wins. */
  keys: readonly string[];
  /** Environment variable with another address of the same wire format. */
  baseUrlVariable?: string;
  /** Address on this machine; the kind needs no key and is found by asking it. */
  local?: string;
  /** Runs in this process, from weights that `ambit model pull` brought. */
  pulled?: boolean;
  /** Taken when nobody named a model. */
  model?: string;
}

/**
 * In the order in which keys found in the environment choose a provider. `openai-compatible` comes before `openai`: who
 * sets OPENAI_BASE_URL means that server.
 */
export const providerKinds: readonly ProviderKind[] = [
  {
    name: 'anthropic',
    keys: ['ANTHROPIC_API_KEY'],
    baseUrlVariable: 'ANTHROPIC_BASE_URL',
    model: 'claude-sonnet-5-5',
  },
  { name: 'openai-compatible', keys: ['OPENAI_API_KEY'], baseUrlVariable: 'OPENAI_BASE_URL' },
  {
    name: 'openai',
    aliases: ['openai-responses'],
    keys: ['OPENAI_API_KEY'],
    baseUrlVariable: 'OPENAI_BASE_URL',
    model: 'gpt-6.1-sol',
  },
  { name: 'openai-chat', keys: ['OPENAI_API_KEY'], baseUrlVariable: 'OPENAI_BASE_URL', model: 'gpt-6.1-sol' },
  {
    name: 'google',
    aliases: ['gemini'],
    keys: ['GEMINI_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY', 'GOOGLE_API_KEY'],
    baseUrlVariable: 'GOOGLE_GEMINI_BASE_URL',
    model: 'gemini-3.8-flash',
  },
  {
    name: 'bedrock',
    aliases: ['amazon-bedrock'],
    keys: ['AWS_BEARER_TOKEN_BEDROCK', 'AWS_ACCESS_KEY_ID'],
    baseUrlVariable: 'AWS_ENDPOINT_URL_BEDROCK_RUNTIME',
    model: 'us.anthropic.claude-sonnet-5-5',
  },
  { name: 'ollama', keys: [], baseUrlVariable: 'OLLAMA_HOST', local: 'http://127.0.0.1:11434/v1' },
  { name: 'llama.cpp', aliases: ['llamacpp'], keys: [], local: 'http://127.0.0.1:8080/v1' },
  { name: 'local', keys: [], pulled: true },
  { name: 'lmstudio', aliases: ['lm-studio'], keys: [], local: 'http://127.0.0.1:1234/v1' },
];

export function providerKind(name: string): ProviderKind | undefined {
  return providerKinds.find((kind) => kind.name === name || kind.aliases?.includes(name));
}
