import type { Answer, Question, Resolved } from '@ambit/guard';
import { createTwoFilesPatch } from 'diff';
import type { View } from './view.ts';

const diffLines = 60;

/** Text of the file as the run sees it; undefined when it is not there or no text. */
export type ReadFile = (relative: string) => Promise<string | undefined>;

async function writeEffect(resolved: Extract<Resolved, { kind: 'write' }>, read: ReadFile): Promise<string[]> {
  const name = resolved.path.relative ?? resolved.path.absolute;
  const before = resolved.path.exists && resolved.path.relative ? await read(resolved.path.relative) : '';
  const patch = createTwoFilesPatch(name, name, before ?? '', resolved.action.content, '', '', { context: 2 });
  const lines = patch.split('\n').slice(2);
  const more = lines.length > diffLines ? [`(${lines.length - diffLines} more lines of the change)`] : [];
  return [`${resolved.path.exists ? 'replace' : 'create'} ${name}`, ...lines.slice(0, diffLines), ...more];
}

/** The effect as it will be carried out, after resolution: never the model's own words for it. */
export async function effectLines(resolved: Resolved, read: ReadFile): Promise<string[]> {
  switch (resolved.kind) {
    case 'write':
      return writeEffect(resolved, read);
    case 'execute':
      return [
        `run in ${resolved.cwd.relative ?? resolved.cwd.absolute}: ${resolved.line}`,
        ...resolved.commands.map(
          ({ program, argv }) => `  ${program ?? '(not found)'} ${JSON.stringify(argv.slice(1))}`,
        ),
        ...(resolved.unparsed ? [`  not understood: ${resolved.unparsed}`] : []),
        ...(resolved.classes.length > 0 ? [`  effects: ${resolved.classes.join(', ')}`] : []),
      ];
    case 'fetch':
      return [`fetch ${resolved.url} (host ${resolved.host})`];
    case 'mcp':
      return [`call ${resolved.tool} of MCP server ${resolved.server}: ${JSON.stringify(resolved.action.arguments)}`];
    case 'delete':
    case 'read':
    case 'control':
      return [`${resolved.kind} ${resolved.path.relative ?? resolved.path.absolute}`];
    case 'move':
      return [`move ${resolved.from.absolute} to ${resolved.to.absolute}`];
    case 'spawn':
      return [
        `start a sub-run that may write ${resolved.action.ambit.write.join(', ') || 'nothing'}: ${resolved.prompt}`,
      ];
    case 'approve':
      return [`approve ${resolved.subject}`];
  }
}

const scopes: Readonly<Record<string, Answer['scope']>> = { r: 'run', a: 'always' };

const denied: Answer = { allowed: false, scope: 'once', channel: 'terminal' };

/** Asks the person at this terminal about one exact effect (C5). */
export function approvals(
  view: Pick<View, 'line' | 'choose' | 'ask'>,
  read: ReadFile,
): (question: Question) => Promise<Answer> {
  return async ({ resolved, decision, effect, confirm }) => {
    const { rule, reason } = decision.because;
    const title = ['', `The agent wants to: (${rule}: ${reason})`, ...(await effectLines(resolved, read))];
    if (confirm) {
      const where = confirm.profile ? [`  acting on: ${confirm.profile}`] : [];
      for (const line of [...title, ...where]) view.line(line, 'warning');
      const typed = await view.ask(
        `This cannot be undone. Type \`${confirm.type}\` to allow it, anything else denies:`,
      );
      return { allowed: typed === confirm.type, scope: 'once', channel: 'terminal', effect, typed };
    }
    const key = await view.choose(title, [
      { key: 'y', label: 'allow once' },
      { key: 'r', label: 'allow this for the rest of the session' },
      { key: 'a', label: 'always allow this here (kept; take back with: ambit policy grants)' },
      { key: 'n', label: 'deny' },
    ]);
    if (key === 'n') return { ...denied, effect };
    return { allowed: true, scope: scopes[key] ?? 'once', channel: 'terminal', effect };
  };
}
