import type { Message } from '../providers/model.ts';

/** Providers count an image as one to two thousand tokens. */
const imageTokens = 1_500;

function charactersOf(message: Message): number {
  let sum = 20;
  for (const part of message.parts) {
    if (part.type === 'image') sum += imageTokens * 4;
    else if (part.type === 'call') sum += part.name.length + part.arguments.length;
    else sum += part.text.length;
    if (part.type === 'result') sum += (part.images?.length ?? 0) * imageTokens * 4;
  }
  return sum;
}

/** Tokens of messages nobody has counted yet: a token is about four characters of code or English. */
export function estimateTokens(messages: readonly Message[]): number {
  return Math.ceil(messages.reduce((sum, message) => sum + charactersOf(message), 0) / 4);
}
