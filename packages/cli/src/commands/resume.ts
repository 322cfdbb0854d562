import { AmbitError } from '@ambit/core/errors';
import { branchOf, continueSession, listSessions, readSession, sessionFile, turnsOf } from '@ambit/engine';
import { type StatePaths, statePaths } from '@ambit/guard/state';
import { type Command, exitCode, type Io, options } from '../command.ts';
import { findWorkspace } from '../place.ts';
import { runHeadless } from '../run/headless.ts';
import { openChat } from '../run/open.ts';
import { promptText } from '../run/prompt-text.ts';
import { jsonReport, plainText, progressReport, usageLine } from '../run/report.ts';
import { modelOptions, modelWishes, schemaOption } from '../run/wishes.ts';

const help = `ambit resume: go on with an earlier session

Usage:
  ambit resume [SESSION]                 the newest, or the one named (a start of its name is enough)
  ambit resume [SESSION] -p "PROMPT"     one more job in it, without questions
  ambit resume --list [--json]           sessions of this workspace, newest first
  ambit resume SESSION --turns [--json]  its prompts, with the names to branch from

Options:
      --at TURN       go on after this turn instead of the last one; the later turns stay in the file
  -m, --model NAME    another model than the one used last
      --autopilot, --json, --quiet   as for ambit -p, and so are --max-turns, --budget, --effort, --output-schema

A run that was interrupted goes on with the changes it had made. What a crash left unfinished is told to the model.

Example:
  ambit resume -p "go on where you stopped"
`;

/** Sessions that a person began; what those started is part of them. */
async function chats(state: StatePaths) {
  return (await listSessions(state.sessions)).filter((session) => session.kind === 'chat');
}

async function findSession(state: StatePaths, wanted: string | undefined): Promise<string> {
  const sessions = await chats(state);
  const found = wanted === undefined ? sessions.slice(0, 1) : sessions.filter((one) => one.id.startsWith(wanted));
  const [only, second] = found;
  const hint = 'to see them: ambit resume --list';
  if (!only) {
    const what = wanted === undefined ? 'there is no session in this workspace' : `there is no session \`${wanted}\``;
    throw new AmbitError('input.missing', what, { hint });
  }
  if (second) throw new AmbitError('usage', `\`${wanted}\` is the start of ${found.length} sessions`, { hint });
  return only.id;
}

async function showSessions(state: StatePaths, json: boolean, io: Io): Promise<number> {
  const sessions = await chats(state);
  if (json) io.out(`${JSON.stringify({ version: 1, sessions })}\n`);
  else if (sessions.length === 0) io.out('There is no session in this workspace yet.\n');
  else for (const { id, changed, title } of sessions) io.out(`${id}  ${changed.slice(0, 16)}  ${plainText(title)}\n`);
  return exitCode.done;
}

async function showTurns(state: StatePaths, id: string, json: boolean, io: Io): Promise<number> {
  const { entries } = await readSession(sessionFile(state.sessions, id));
  const turns = turnsOf(branchOf(entries));
  if (json) io.out(`${JSON.stringify({ version: 1, session: id, turns })}\n`);
  else
    for (const turn of turns) {
      const prompt = plainText(turn.prompt.replaceAll(/\s+/g, ' ').slice(0, 80));
      io.out(
        `${turn.id}  ${turn.time.slice(0, 16)}  ${(turn.status ?? 'unfinished').padEnd(11)}  ${prompt}${turn.usage ? `  (${usageLine(turn.usage)})` : ''}\n`,
      );
    }
  return exitCode.done;
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('resume', args, {
    print: { type: 'string', short: 'p' },
    ...modelOptions,
    'output-schema': { type: 'string' },
    at: { type: 'string' },
    list: { type: 'boolean', default: false },
    turns: { type: 'boolean', default: false },
    autopilot: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    quiet: { type: 'boolean', short: 'q', default: false },
    plain: { type: 'boolean', default: false },
  });
  const state = statePaths(findWorkspace(io.cwd, io.env), io.env);
  if (values.list) return showSessions(state, values.json, io);
  const id = await findSession(state, positionals[0]);
  if (values.turns) return showTurns(state, id, values.json, io);
  const { autopilot, json } = values;
  const shared = { ...modelWishes(values), autopilot };
  const output = await schemaOption(values['output-schema'], io);
  if (values.print === undefined && !json && !output && io.interactive) {
    const { interactive } = await import('../terminal/interactive.ts');
    const continuation = await continueSession(state, id, io.now, values.at);
    const model = shared.model ?? continuation.model;
    return interactive({ ...shared, model, continuation, plain: values.plain, prompt: undefined }, io);
  }
  const prompt = await promptText(values.print, io);
  const continuation = await continueSession(state, id, io.now, values.at);
  const quiet = values.quiet || json;
  const emit = json ? jsonReport(io) : progressReport(quiet ? { err: () => undefined } : io, io.colour);
  const chat = { ...shared, model: shared.model ?? continuation.model, continuation, emit };
  const { bench, opened } = await openChat(chat, io);
  return runHeadless({ bench, opened, autopilot, json, quiet }, prompt, io, output);
}

export const command: Command = { name: 'resume', summary: 'go on with an earlier session', help, run };
