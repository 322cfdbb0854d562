import { AmbitError } from '@ambit/core/errors';
import { type Action, type Label, label, type RunKind, type RunRef, runKind } from '@ambit/core/schema';

const verbs = ['write', 'read', 'delete', 'run', 'fetch', 'mcp'] as const;

/** An action as typed: a verb and its object. Throws `usage`. */
export function typedAction(words: readonly string[], run: RunRef, labels: Label[]): Action {
  const [verb = '', ...rest] = words;
  const object = rest.join(' ');
  if (!verbs.some((known) => known === verb) || object === '') {
    throw new AmbitError(
      'usage',
      'name an action: write PATH, read PATH, delete PATH, run COMMAND, fetch URL, mcp SERVER/TOOL',
      {
        hint: "for example: ambit policy explain run 'npm test'",
      },
    );
  }
  const base = { id: 'explain', run, labels };
  if (verb === 'run') return { ...base, kind: 'execute', command: object };
  if (verb === 'read') return { ...base, kind: 'read', path: object, mode: 'content' };
  if (verb === 'write') return { ...base, kind: 'write', path: object, content: '', encoding: 'utf8' };
  if (verb === 'delete') return { ...base, kind: 'delete', path: object };
  if (verb === 'fetch') return { ...base, kind: 'fetch', url: object, method: 'GET' };
  const [server = '', tool = ''] = object.split('/');
  return { ...base, kind: 'mcp', server, tool, arguments: {} };
}

/** A list of labels as typed. */
export function typedLabels(text: string | undefined): Label[] {
  return (text?.split(',') ?? []).map((word) => {
    const parsed = label.safeParse(word.trim());
    if (!parsed.success)
      throw new AmbitError('usage', `\`${word}\` is not a label`, {
        hint: 'labels: human, repository, tool, web, model',
      });
    return parsed.data;
  });
}

/** A run kind as typed. */
export function typedKind(text: string): RunKind {
  const parsed = runKind.safeParse(text);
  if (!parsed.success)
    throw new AmbitError('usage', `\`--as ${text}\` is not a kind of run`, {
      hint: 'chat, task, hook, agent, foreign, command',
    });
  return parsed.data;
}
