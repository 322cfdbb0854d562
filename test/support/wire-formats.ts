// The wire formats of model providers as the scripted model speaks them: request body in, server-sent events out.
import { crc32 } from 'node:zlib';

export interface Call {
  tool: string;
  /** Exactly what goes over the wire as arguments. */
  arguments: string;
}

/** One answer of the model in neutral words. */
export interface Answer {
  id: string;
  model: string;
  text?: string;
  reasoning?: string;
  calls: Call[];
  refusal?: boolean;
  /** Tool arguments travel in pieces of this many characters. */
  pieces?: number;
  usage: { input: number; output: number; cached: number };
}

export interface Frame {
  event?: string;
  data: unknown;
}

export interface Heard {
  tools: string[];
  results: string[];
  /** Text of all user messages, in order. */
  prompts: string[];
  /** Schema of the JSON that is wanted, where one is. */
  output?: unknown;
}

export interface WireFormat {
  /** Path of requests in this format. */
  matches: (path: string) => boolean;
  hear: (body: any) => Heard;
  answer: (answer: Answer) => Frame[];
  overflow: string;
  /** How frames travel; server-sent events unless said otherwise. */
  encode?: (frame: Frame) => Buffer;
  contentType?: string;
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? ''));
const list = (value: any): any[] => (Array.isArray(value) ? value : []);
const textOf = (content: unknown): string =>
  typeof content === 'string'
    ? content
    : list(content)
        .map((part) => part.text ?? '')
        .join('');

function split(text: string, size: number | undefined): string[] {
  if (!size) return [text];
  const out: string[] = [];
  for (let i = 0; i < text.length; i += size) out.push(text.slice(i, i + size));
  return out.length > 0 ? out : [''];
}

const chat: WireFormat = {
  matches: (path) => path.endsWith('/chat/completions'),
  hear: (body) => ({
    tools: list(body.tools).map((tool) => tool.function?.name),
    results: list(body.messages)
      .filter((message) => message.role === 'tool')
      .map((message) => asText(message.content)),
    prompts: list(body.messages)
      .filter((message) => message.role === 'user')
      .map((message) => textOf(message.content)),
    output: body.response_format?.json_schema?.schema ?? (body.response_format ? {} : undefined),
  }),
  answer(answer) {
    const chunk = (delta: unknown, finish: string | null = null): Frame => ({
      data: {
        id: answer.id,
        object: 'chat.completion.chunk',
        created: 1,
        model: answer.model,
        choices: [{ index: 0, delta, finish_reason: finish }],
      },
    });
    const { input, output, cached } = answer.usage;
    const finish = answer.refusal ? 'content_filter' : answer.calls.length > 0 ? 'tool_calls' : 'stop';
    return [
      chunk({ role: 'assistant', content: '' }),
      ...(answer.reasoning ? [chunk({ reasoning_content: answer.reasoning })] : []),
      ...split(answer.text ?? '', 20).map((content) => chunk({ content })),
      ...answer.calls.flatMap((call, index) => [
        chunk({
          tool_calls: [
            { index, id: `call_${answer.id}_${index}`, type: 'function', function: { name: call.tool, arguments: '' } },
          ],
        }),
        ...split(call.arguments, answer.pieces).map((piece) =>
          chunk({ tool_calls: [{ index, function: { arguments: piece } }] }),
        ),
      ]),
      chunk({}, finish),
      {
        data: {
          id: answer.id,
          object: 'chat.completion.chunk',
          created: 1,
          model: answer.model,
          choices: [],
          usage: {
            prompt_tokens: input,
            completion_tokens: output,
            total_tokens: input + output,
            prompt_tokens_details: { cached_tokens: cached },
          },
        },
      },
      { data: '[DONE]' },
    ];
  },
  overflow: JSON.stringify({
    error: {
      message:
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 200000 tokens.",
      type: 'invalid_request_error',
      code: 'context_length_exceeded',
    },
  }),
};

function responsesItems(answer: Answer): { item: any; deltas: Frame[] }[] {
  const texts = answer.text
    ? [
        {
          item: {
            type: 'message',
            id: `msg_${answer.id}`,
            role: 'assistant',
            status: 'completed',
            content: [{ type: answer.refusal ? 'refusal' : 'output_text', text: answer.text, annotations: [] }],
          },
          deltas: split(answer.text, 20).map((delta) => ({
            event: 'response.output_text.delta',
            data: { type: 'response.output_text.delta', item_id: `msg_${answer.id}`, content_index: 0, delta },
          })),
        },
      ]
    : [];
  const calls = answer.calls.map((call, i) => {
    const id = `fc_${answer.id}_${i}`;
    return {
      item: {
        type: 'function_call',
        id,
        call_id: `call_${answer.id}_${i}`,
        name: call.tool,
        arguments: call.arguments,
        status: 'completed',
      },
      deltas: split(call.arguments, answer.pieces).map((delta) => ({
        event: 'response.function_call_arguments.delta',
        data: { type: 'response.function_call_arguments.delta', item_id: id, delta },
      })),
    };
  });
  return [...texts, ...calls];
}

const responses: WireFormat = {
  matches: (path) => path.endsWith('/responses'),
  hear: (body) => ({
    tools: list(body.tools).map((tool) => tool.name ?? tool.type),
    results: list(body.input)
      .filter((item) => item.type === 'function_call_output')
      .map((item) => asText(item.output)),
    prompts: list(body.input)
      .filter((item) => item.role === 'user')
      .map((item) => textOf(item.content)),
    output: body.text?.format?.schema,
  }),
  answer(answer) {
    const { input, output, cached } = answer.usage;
    const items = responsesItems(answer);
    const response = {
      id: `resp_${answer.id}`,
      object: 'response',
      created_at: 1,
      model: answer.model,
      status: answer.refusal ? 'incomplete' : 'completed',
      ...(answer.refusal ? { incomplete_details: { reason: 'content_filter' } } : {}),
      output: items.map(({ item }) => item),
      usage: {
        input_tokens: input,
        input_tokens_details: { cached_tokens: cached },
        output_tokens: output,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: input + output,
      },
    };
    const frame = (type: string, more: object): Frame => ({ event: type, data: { type, ...more } });
    return [
      frame('response.created', { response: { ...response, status: 'in_progress', output: [], usage: null } }),
      ...items.flatMap(({ item, deltas }, i) => [
        frame('response.output_item.added', {
          output_index: i,
          item: item.type === 'message' ? { ...item, content: [] } : { ...item, arguments: '' },
        }),
        ...deltas.map((delta) => ({ ...delta, data: { ...(delta.data as object), output_index: i } })),
        frame('response.output_item.done', { output_index: i, item }),
      ]),
      frame(answer.refusal ? 'response.incomplete' : 'response.completed', { response }),
    ];
  },
  overflow: JSON.stringify({
    error: {
      message: 'Your input exceeds the context window of this model. Please adjust your input and try again.',
      type: 'invalid_request_error',
      code: 'context_length_exceeded',
    },
  }),
};

function anthropicBlocks(answer: Answer): { start: object; deltas: object[] }[] {
  return [
    ...(answer.reasoning
      ? [
          {
            start: { type: 'thinking', thinking: '', signature: '' },
            deltas: [
              { type: 'thinking_delta', thinking: answer.reasoning },
              { type: 'signature_delta', signature: `signed-${answer.id}` },
            ],
          },
        ]
      : []),
    ...(answer.text
      ? [
          {
            start: { type: 'text', text: '' },
            deltas: split(answer.text, 20).map((text) => ({ type: 'text_delta', text })),
          },
        ]
      : []),
    ...answer.calls.map((call, i) => ({
      start: { type: 'tool_use', id: `toolu_${answer.id}_${i}`, name: call.tool, input: {} },
      deltas: split(call.arguments, answer.pieces).map((partial_json) => ({ type: 'input_json_delta', partial_json })),
    })),
  ];
}

const anthropic: WireFormat = {
  matches: (path) => path.endsWith('/messages'),
  hear(body) {
    const messages = list(body.messages);
    const parts = messages.flatMap((message) => list(message.content));
    return {
      tools: list(body.tools).map((tool) => tool.name),
      results: parts
        .filter((part) => part.type === 'tool_result')
        .map((part) => (typeof part.content === 'string' ? part.content : textOf(part.content))),
      prompts: messages.filter((message) => message.role === 'user').map((message) => textOf(message.content)),
      output: body.output_config?.format?.schema ?? body.output_format?.schema,
    };
  },
  answer(answer) {
    const frame = (type: string, more: object): Frame => ({ event: type, data: { type, ...more } });
    const { input, output, cached } = answer.usage;
    const reason = answer.refusal ? 'refusal' : answer.calls.length > 0 ? 'tool_use' : 'end_turn';
    return [
      frame('message_start', {
        message: {
          id: `msg_${answer.id}`,
          type: 'message',
          role: 'assistant',
          model: answer.model,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: input - cached, cache_read_input_tokens: cached, output_tokens: 1 },
        },
      }),
      ...anthropicBlocks(answer).flatMap(({ start, deltas }, index) => [
        frame('content_block_start', { index, content_block: start }),
        ...deltas.map((delta) => frame('content_block_delta', { index, delta })),
        frame('content_block_stop', { index }),
      ]),
      frame('message_delta', {
        delta: { stop_reason: reason, stop_sequence: null },
        usage: { output_tokens: output },
      }),
      frame('message_stop', {}),
    ];
  },
  overflow: JSON.stringify({
    type: 'error',
    error: { type: 'invalid_request_error', message: 'prompt is too long: 213462 tokens > 200000 maximum' },
  }),
};

const gemini: WireFormat = {
  matches: (path) => /:(streamG|g)enerateContent$/.test(path),
  hear(body) {
    const contents = list(body.contents);
    const parts = contents.flatMap((content) => list(content.parts));
    const config = body.generationConfig ?? {};
    return {
      tools: list(body.tools).flatMap((tool) => list(tool.functionDeclarations).map((one) => one.name)),
      results: parts
        .filter((part) => part.functionResponse)
        .map((part) => asText(part.functionResponse.response?.content ?? part.functionResponse.response)),
      prompts: contents.filter((content) => content.role === 'user').map((content) => textOf(content.parts)),
      output: config.responseJsonSchema ?? config.responseSchema,
    };
  },
  answer(answer) {
    const { input, output, cached } = answer.usage;
    const frame = (parts: unknown[], finishReason?: string): Frame => ({
      data: {
        responseId: answer.id,
        modelVersion: answer.model,
        candidates: [{ index: 0, content: { role: 'model', parts }, ...(finishReason ? { finishReason } : {}) }],
        usageMetadata: {
          promptTokenCount: input,
          candidatesTokenCount: output,
          totalTokenCount: input + output,
          cachedContentTokenCount: cached,
        },
      },
    });
    const args = (text: string): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        return { malformed: text };
      }
    };
    return [
      ...(answer.reasoning ? [frame([{ text: answer.reasoning, thought: true }])] : []),
      ...(answer.text ? split(answer.text, 20).map((text) => frame([{ text }])) : []),
      ...answer.calls.map((call, i) =>
        frame([
          {
            functionCall: { id: `call_${answer.id}_${i}`, name: call.tool, args: args(call.arguments) },
            thoughtSignature: `signed-${answer.id}`,
          },
        ]),
      ),
      frame([], answer.refusal ? 'SAFETY' : 'STOP'),
    ];
  },
  overflow: JSON.stringify({
    error: {
      code: 400,
      status: 'INVALID_ARGUMENT',
      message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
    },
  }),
};

function eventStreamHeader(name: string, value: string): Buffer {
  const head = Buffer.alloc(4 + name.length);
  head.writeUInt8(name.length, 0);
  head.write(name, 1);
  head.writeUInt8(7, 1 + name.length);
  head.writeUInt16BE(Buffer.byteLength(value), 2 + name.length);
  return Buffer.concat([head, Buffer.from(value)]);
}

/** Amazon's binary event stream: lengths, checksum, headers, payload, checksum. */
function eventStreamMessage(frame: Frame): Buffer {
  const headers = Buffer.concat([
    eventStreamHeader(':event-type', frame.event ?? ''),
    eventStreamHeader(':content-type', 'application/json'),
    eventStreamHeader(':message-type', 'event'),
  ]);
  const payload = Buffer.from(typeof frame.data === 'string' ? frame.data : JSON.stringify(frame.data));
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(headers.length + payload.length + 16, 0);
  prelude.writeUInt32BE(headers.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const body = Buffer.concat([prelude, headers, payload]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body), 0);
  return Buffer.concat([body, checksum]);
}

const bedrock: WireFormat = {
  matches: (path) => path.endsWith('/converse-stream'),
  contentType: 'application/vnd.amazon.eventstream',
  encode: eventStreamMessage,
  hear(body) {
    const messages = list(body.messages);
    const parts = messages.flatMap((message) => list(message.content));
    return {
      tools: list(body.toolConfig?.tools).map((tool) => tool.toolSpec?.name),
      results: parts.filter((part) => part.toolResult).map((part) => textOf(part.toolResult.content)),
      prompts: messages.filter((message) => message.role === 'user').map((message) => textOf(message.content)),
    };
  },
  answer(answer) {
    const { input, output, cached } = answer.usage;
    const texts = answer.text
      ? [
          ...split(answer.text, 20).map((text) => ({
            event: 'contentBlockDelta',
            data: { contentBlockIndex: 0, delta: { text } },
          })),
          { event: 'contentBlockStop', data: { contentBlockIndex: 0 } },
        ]
      : [];
    const calls = answer.calls.flatMap((call, i) => [
      {
        event: 'contentBlockStart',
        data: {
          contentBlockIndex: i + 1,
          start: { toolUse: { toolUseId: `tooluse_${answer.id}_${i}`, name: call.tool } },
        },
      },
      ...split(call.arguments, answer.pieces).map((piece) => ({
        event: 'contentBlockDelta',
        data: { contentBlockIndex: i + 1, delta: { toolUse: { input: piece } } },
      })),
      { event: 'contentBlockStop', data: { contentBlockIndex: i + 1 } },
    ]);
    const reason = answer.refusal ? 'content_filtered' : answer.calls.length > 0 ? 'tool_use' : 'end_turn';
    return [
      { event: 'messageStart', data: { role: 'assistant' } },
      ...texts,
      ...calls,
      { event: 'messageStop', data: { stopReason: reason } },
      {
        event: 'metadata',
        data: {
          usage: {
            inputTokens: input - cached,
            outputTokens: output,
            totalTokens: input + output,
            cacheReadInputTokens: cached,
          },
        },
      },
    ];
  },
  overflow: JSON.stringify({ message: 'Input is too long for requested model.' }),
};

export const wireFormats = { chat, responses, anthropic, gemini, bedrock } as const;
export type WireName = keyof typeof wireFormats;
