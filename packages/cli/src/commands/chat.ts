import { type Command, type Io, options } from '../command.ts';
import { runHeadless } from '../run/headless.ts';
import { openChat } from '../run/open.ts';
import { promptText } from '../run/prompt-text.ts';
import { jsonReport, progressReport } from '../run/report.ts';
import { modelOptions, modelWishes, schemaOption } from '../run/wishes.ts';

const help = `ambit: talk to the agent, or give it one job

Usage:
  ambit                          interactive session in this workspace
  ambit -p "PROMPT" [options]    one job without questions; input on a pipe is added to the prompt

Options:
  -p, --print PROMPT      the job; - reads it from standard input
  -m, --model NAME        provider/model, for instance anthropic/claude-sonnet-5-5 (see: ambit model)
      --autopilot         apply the change set when it is inside the ambit and carries no flag
      --json              one event a line (docs/guides/headless.md)
      --max-turns N       end after N answers of the model (default 200)
      --budget DOLLARS    end when so much was spent, where the price is known
      --agent NAME       a custom agent (ambit agents); it narrows what the session may do
      --effort LEVEL      none, low, medium or high
      --output-schema F   the final answer is JSON of the schema in file F
  -q, --quiet             only the answer

Exit codes: 0 done; 1 ended before it was done (budget, loop); 3 a rule forbade something the agent tried; 4 a person is
needed: a change set waits (ambit review), or a question had nobody to answer it; 5 the model failed, the session can be
resumed; 130 interrupted. Without --autopilot a job that changes files ends with 4: nothing lands unreviewed.

Example:
  ambit -p "add a test for parse() in src/parse.ts" --model openai/gpt-6.1-sol
  npm test 2>&1 | ambit -p "fix what fails" --autopilot --json
`;

function parse(args: string[]) {
  const { values, positionals } = options('chat', args, {
    print: { type: 'string', short: 'p' },
    ...modelOptions,
    autopilot: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    agent: { type: 'string' },
    'output-schema': { type: 'string' },
    quiet: { type: 'boolean', short: 'q', default: false },
    plain: { type: 'boolean', default: false },
  });
  return { values, positionals };
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args);
  const shared = {
    ...modelWishes(values),
    autopilot: values.autopilot,
    agent: values.agent,
  };
  const output = await schemaOption(values['output-schema'], io);
  const headless = values.print !== undefined || values.json || output !== undefined || !io.interactive;
  const given = [values.print, ...positionals].filter((part) => part !== undefined).join(' ');
  if (!headless) {
    const { interactive } = await import('../terminal/interactive.ts');
    return interactive({ ...shared, plain: values.plain, prompt: given || undefined }, io);
  }
  const prompt = await promptText(given || undefined, io);
  const quiet = values.quiet || values.json;
  const emit = values.json ? jsonReport(io) : progressReport(quiet ? { err: () => undefined } : io, io.colour);
  const { bench, opened } = await openChat({ ...shared, emit }, io);
  return runHeadless({ bench, opened, autopilot: values.autopilot, json: values.json, quiet }, prompt, io, output);
}

export const command: Command = { name: 'chat', summary: 'talk to the agent, or give it one job with -p', help, run };
