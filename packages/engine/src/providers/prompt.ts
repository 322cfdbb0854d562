import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider';
import type { CallPart, ImagePart, Message, ModelRequest, ReasoningPart, TextPart, ToolDescription } from './model.ts';

/** How one wire format wants to be addressed beyond the common shape. */
export interface Dialect {
  /** Options of the whole request. */
  options?: SharedV4ProviderOptions;
  /** Marks the system text and the newest message as worth keeping in the provider's cache. */
  cacheMark?: SharedV4ProviderOptions;
}

type Parts<R extends LanguageModelV4Message['role']> = Extract<LanguageModelV4Message, { role: R }>['content'];

const providerOptions = (part: { provider?: unknown }) =>
  part.provider ? { providerOptions: part.provider as SharedV4ProviderOptions } : {};

const file = (image: ImagePart) => ({
  type: 'file' as const,
  data: { type: 'data' as const, data: image.data },
  mediaType: image.mediaType,
});

/** Arguments go back as an object always: some providers refuse a history in which they are anything else. */
function callInput(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  } catch {}
  return { unreadable: text.slice(0, 2_000) };
}

function assistantPart(part: TextPart | ReasoningPart | CallPart) {
  if (part.type !== 'call') return { type: part.type, text: part.text, ...providerOptions(part) };
  return {
    type: 'tool-call' as const,
    toolCallId: part.id,
    toolName: part.name,
    input: callInput(part.arguments),
    ...providerOptions(part),
  };
}

/** Images of tool results follow as a user message: not every wire format takes them inside a result. */
function resultMessages(message: Extract<Message, { role: 'tool' }>): LanguageModelV4Message[] {
  const results = message.parts.map((part) => ({
    type: 'tool-result' as const,
    toolCallId: part.id,
    toolName: part.name,
    output: { type: part.failed ? ('error-text' as const) : ('text' as const), value: part.text },
  }));
  const images = message.parts.flatMap((part) =>
    (part.images ?? []).flatMap((image) => [{ type: 'text' as const, text: `Image from ${part.name}:` }, file(image)]),
  );
  return [
    { role: 'tool', content: results },
    ...(images.length > 0 ? [{ role: 'user' as const, content: images }] : []),
  ];
}

function toSdkMessages(message: Message): LanguageModelV4Message[] {
  if (message.role === 'tool') return resultMessages(message);
  if (message.role === 'user') {
    const content: Parts<'user'> = message.parts.map((part) =>
      part.type === 'text' ? { type: 'text', text: part.text } : file(part),
    );
    return [{ role: 'user', content }];
  }
  const parts = message.parts.filter((part) => part.type === 'call' || part.text !== '' || part.provider);
  return parts.length > 0 ? [{ role: 'assistant', content: parts.map(assistantPart) }] : [];
}

function toSdkTool(tool: ToolDescription): LanguageModelV4FunctionTool {
  return {
    type: 'function',
    name: tool.name,
    description: tool.description,
    inputSchema: tool.schema as LanguageModelV4FunctionTool['inputSchema'],
  };
}

/** One request in the shape that all provider packages take. */
export function toCallOptions(
  request: ModelRequest,
  dialect: Dialect,
  signal: AbortSignal,
): LanguageModelV4CallOptions {
  const prompt: LanguageModelV4Message[] = [
    { role: 'system', content: request.system },
    ...request.messages.flatMap(toSdkMessages),
  ];
  const newest = prompt.at(-1);
  if (dialect.cacheMark) {
    if (prompt[0]) prompt[0].providerOptions = dialect.cacheMark;
    if (newest) newest.providerOptions = dialect.cacheMark;
  }
  return {
    prompt,
    abortSignal: signal,
    ...(request.tools.length > 0 ? { tools: request.tools.map(toSdkTool) } : {}),
    ...(request.effort ? { reasoning: request.effort } : {}),
    ...(request.maxOutputTokens ? { maxOutputTokens: request.maxOutputTokens } : {}),
    ...(request.output
      ? {
          responseFormat: {
            type: 'json',
            schema: request.output as NonNullable<LanguageModelV4FunctionTool['inputSchema']>,
          },
        }
      : {}),
    ...(dialect.options ? { providerOptions: dialect.options } : {}),
  };
}
