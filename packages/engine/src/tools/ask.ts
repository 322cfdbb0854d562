import { brief, objectSchema, string, stringOf } from './text.ts';
import type { AnyTool } from './tool.ts';

/** A question has no effect on anything, so it is no action; the answer is the person's own words. */
export const askTool = (): AnyTool => ({
  name: 'ask',
  description: 'Ask the person, when the job cannot be decided from the code.',
  schema: objectSchema({ question: string(), choices: { type: 'array', items: string() } }, ['question']),
  readOnly: false,
  summary: (args) => brief(stringOf(args, 'question')),
  use: async (args, context) => {
    if (!context.human)
      return { text: 'nobody is here to answer: decide yourself, and say in the end what you assumed', failed: true };
    const choices = Array.isArray(args['choices']) ? args['choices'].map(String) : [];
    const answer = await context.human(stringOf(args, 'question'), choices);
    return { text: answer === '' ? '(no answer)' : answer, failed: false };
  },
});
