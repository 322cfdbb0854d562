import { providerContract, type WireCase } from './provider.contract.ts';

const key = ['test', 'key', '0123456789'].join('-');

const cases: WireCase[] = [
  {
    provider: 'openai-chat',
    rawArguments: true,
    reasoning: false,
    environment: (url) => ({ OPENAI_API_KEY: key, OPENAI_BASE_URL: `${url}/v1` }),
  },
  {
    provider: 'openai',
    rawArguments: true,
    reasoning: false,
    environment: (url) => ({ OPENAI_API_KEY: key, OPENAI_BASE_URL: `${url}/v1` }),
  },
  {
    provider: 'openai-compatible',
    rawArguments: true,
    reasoning: false,
    environment: (url) => ({ OPENAI_BASE_URL: `${url}/v1` }),
  },
  {
    provider: 'anthropic',
    rawArguments: true,
    reasoning: true,
    environment: (url) => ({ ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: url }),
  },
  {
    provider: 'google',
    rawArguments: false,
    reasoning: true,
    environment: (url) => ({ GEMINI_API_KEY: key, GOOGLE_GEMINI_BASE_URL: url }),
  },
  {
    provider: 'bedrock',
    rawArguments: true,
    reasoning: false,
    environment: (url) => ({ AWS_BEARER_TOKEN_BEDROCK: key, AWS_ENDPOINT_URL_BEDROCK_RUNTIME: url }),
  },
  {
    provider: 'ollama',
    rawArguments: true,
    reasoning: false,
    environment: (url) => ({ OLLAMA_HOST: url }),
  },
];

for (const wire of cases) providerContract(wire);
