import type { WorkingCopy } from '@ambit/guard/working-copy';

/** Programs that run tests and report them; what else a script may call before one only checks or builds. */
const runners =
  /^(?:node|tsx|bun|deno|vitest|jest|mocha|ava|tap|tape|uvu|playwright|cypress|nyc|c8|cross-env|dotenv|pytest|python3?|go|cargo|turbo|nx|lerna|wireit|react-scripts|ng|vue-cli-service)$/;
const beside =
  /^(?:tsc|tsup|esbuild|vite|rollup|eslint|biome|prettier|next|svelte-check|prisma|npm|pnpm|yarn|npx|bunx)$/;
/** Shell that could print a report or hide an exit code. */
const shell = /[|;`<>\n]|\$\(|(?:^|[^&])&(?!&)|&&\s*(?:true|:|exit)\b/;
/** Flags by which a runner runs code of the project before or in place of its own reporter. */
const own =
  /(?:--test-reporter|--reporters?|--import|--require|-r|--loader|--experimental-loader|--setupFiles\S*|--globalSetup|--config|-c)[= ]\s*["']?\.{0,2}\//;

/**
 * Is a script nothing but calls of known test runners and build tools. One that a task wrote or changed counts only
 * then: `echo "ok 1 - done"` would prove everything.
 */
export function isPlainTestScript(script: string): boolean {
  if (shell.test(script) || own.test(script)) return false;
  const calls = script.split('&&').map((call) => call.trim().split(/\s+/));
  if (calls.some(evaluates)) return false;
  const programs = calls.map((words) => words.find((word) => !/^[A-Z_][A-Z0-9_]*=/.test(word)) ?? '');
  const known = programs.every((program) => runners.test(program) || beside.test(program));
  return known && calls.some((words, i) => runsTests(programs[i] ?? '', words));
}

/** `node -e …`: code of its own, on the command line. */
const evaluates = (words: readonly string[]) =>
  words.some((word) => /^(?:node|tsx|bun|deno|python3?)$/.test(word)) &&
  words.some((word) => /^(?:-e|-p|-c|--eval|--print|eval)(?:=|$)/.test(word));

function runsTests(program: string, words: readonly string[]): boolean {
  if (/^(?:npx|bunx)$/.test(program)) return words.some((word) => runners.test(word) && word !== 'node');
  if (/^(?:node|tsx)$/.test(program)) return words.includes('--test');
  return runners.test(program);
}

const hooks = ['pretest', 'test', 'posttest'] as const;

function scriptsOf(data: Uint8Array | undefined): Record<string, string> | undefined {
  if (!data) return {};
  try {
    const { scripts } = JSON.parse(Buffer.from(data).toString('utf8')) as { scripts?: Record<string, unknown> };
    return Object.fromEntries(
      hooks.flatMap((name) => (typeof scripts?.[name] === 'string' ? [[name, scripts[name]]] : [])),
    );
  } catch {
    return undefined;
  }
}

/**
 * Why what the tests print is not to be believed: the task changed how they are started, into something that is no plain
 * call of a test runner. Undefined when the scripts are what they were, or plain.
 * SECURITY: a task could otherwise print its own proof (engine/src/runner/test-script.test.ts, line-all.test.ts).
 */
export async function scriptObjection(
  copy: Pick<WorkingCopy, 'read' | 'base'>,
  command: string | undefined,
): Promise<string | undefined> {
  if (command === undefined || !/^npm\b/.test(command)) return undefined;
  const now = scriptsOf(await copy.read('package.json').catch(() => undefined));
  const then = scriptsOf(await copy.base('package.json').catch(() => undefined)) ?? {};
  if (!now) return 'package.json cannot be read, so nobody knows what `npm test` ran';
  for (const name of hooks) {
    const script = now[name];
    if (script === undefined || script === then[name] || isPlainTestScript(script)) continue;
    return `this task changed the \`${name}\` script of package.json to \`${script.slice(0, 120)}\`, which is more than a call of a test runner; what it prints proves nothing`;
  }
  return undefined;
}
