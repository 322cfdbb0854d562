import { objectSchema, string, stringOf } from './text.ts';
import type { AnyTool } from './tool.ts';

const marks: Record<string, string> = { open: '[ ]', doing: '[>]', done: '[x]' };
/** Decisions kept at most; the oldest go first. */
const decisionsKept = 60;

/** The run's own list of steps and decisions. Both outlive compaction; neither ticks a spec's boxes. */
export const planTool = (): AnyTool => ({
  name: 'plan',
  description: 'Keep your list of steps (the whole list each time) and note a decision with its reason.',
  schema: objectSchema(
    {
      steps: {
        type: 'array',
        items: objectSchema({ text: string(), status: { type: 'string', enum: Object.keys(marks) } }, [
          'text',
          'status',
        ]),
      },
      decision: string(),
    },
    [],
  ),
  readOnly: false,
  summary: (args) => `${Array.isArray(args['steps']) ? args['steps'].length : 0} steps`,
  use: async (args, context) => {
    const steps = Array.isArray(args['steps']) ? (args['steps'] as { text: string; status: string }[]) : undefined;
    if (steps) await context.keep('Plan', steps.map(({ text, status }) => `${marks[status]} ${text}`).join('\n'));
    const decision = stringOf(args, 'decision').trim();
    if (decision !== '') {
      const all = [...context.kept('Decisions').split('\n').filter(Boolean), `- ${decision.replaceAll('\n', ' ')}`];
      await context.keep('Decisions', all.slice(-decisionsKept).join('\n'));
    }
    return { text: 'kept', failed: false };
  },
});
