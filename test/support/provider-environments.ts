/** Shaped like a key, and nowhere else: when it turns up in output, a key was shown. */
export const scriptedKey = ['test', 'key', '0123456789'].join('-');

/** The variables with which each provider is sent to a scripted model at `url`. */
export const providerEnvironments: Readonly<Record<string, (url: string) => Record<string, string>>> = {
  'openai-chat': (url) => ({ OPENAI_API_KEY: scriptedKey, OPENAI_BASE_URL: `${url}/v1` }),
  openai: (url) => ({ OPENAI_API_KEY: scriptedKey, OPENAI_BASE_URL: `${url}/v1` }),
  'openai-compatible': (url) => ({ OPENAI_BASE_URL: `${url}/v1` }),
  anthropic: (url) => ({ ANTHROPIC_API_KEY: scriptedKey, ANTHROPIC_BASE_URL: url }),
  google: (url) => ({ GEMINI_API_KEY: scriptedKey, GOOGLE_GEMINI_BASE_URL: url }),
  bedrock: (url) => ({ AWS_BEARER_TOKEN_BEDROCK: scriptedKey, AWS_ENDPOINT_URL_BEDROCK_RUNTIME: url }),
  ollama: (url) => ({ OLLAMA_HOST: url }),
};
