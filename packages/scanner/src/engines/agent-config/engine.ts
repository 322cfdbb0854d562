import type { Rule } from '@ambit/core/catalog';
import * as z from 'zod/mini';
import type { CompiledEngine, Engine, RawFinding, SourceFile } from '../../engine.ts';
import { compileConfig } from '../config/engine.ts';
import { configMatch, type Format } from '../config/match-schema.ts';

/** Questions about the project as a whole, which no single file answers. */
const projectMatch = z.strictObject({
  kind: z.literal('project'),
  /** `unignored-environment`: a file of secrets that git would commit. `planted-program`: runs in place of the system's. */
  check: z.enum(['unignored-environment', 'planted-program']),
});

/** The `match` block of rules of the agent-config engine: those of the config engine, and questions about the project. */
export const agentConfigMatch = z.union([configMatch, projectMatch]);

/** How files of agents are read: hooks and settings are JSON whatever they are called, Markdown is its front matter. */
function formatOf(file: SourceFile): Format | undefined {
  if (/\.(?:kiro\.hook|hook|json|jsonc|json5|code-workspace|bak)$/i.test(file.path)) return 'json';
  if (file.language === 'yaml' || file.language === 'markdown') return 'yaml';
  return file.language === 'toml' ? 'toml' : undefined;
}

const isEnvironment = (path: string) =>
  /(?:^|\/)\.env(?:\.(?!example|sample|template|dist|defaults|schema|test)[\w-]+)?$/.test(path);

/** Whether a file of settings holds anything that looks like a secret. */
function holdsSecret(text: string): boolean {
  return /^[ \t]*(?:export[ \t]+)?\w{0,80}(?:SECRET|TOKEN|PASSWORD|PASSWD|KEY|DATABASE_URL|DSN|CREDENTIAL)\w{0,80}[ \t]*=[ \t]*["']?(?!your|change|example|xxx|<|\$)[^\s"']{8,}/im.test(
    text,
  );
}

/** Windows looks for programs in the current folder first, so that a repository can bring its own `git`. */
const planted = /^(?:git|node|npm|npx|python3?|pip|cmd|powershell|bash|sh|code|docker)\.(?:exe|cmd|bat|com|ps1)$/i;

interface Facts {
  secret: boolean;
}

function at(rule: Rule, file: string): RawFinding {
  return { ruleId: rule.id, file, line: 1, endLine: 1 };
}

function compile(rules: readonly Rule[]): CompiledEngine<Facts> {
  const project = rules.flatMap((rule) => {
    const match = projectMatch.safeParse(rule.match);
    return match.success ? [{ rule, check: match.data.check }] : [];
  });
  const inFiles = rules.filter((rule) => !project.some((one) => one.rule === rule));
  const { wants, scanFile } = compileConfig(inFiles, formatOf);
  return {
    wants,
    scanFile: (file, active) => {
      const { findings, gaps = [] } = scanFile(file, active);
      const result = { findings, gaps };
      if (!isEnvironment(file.path)) return result;
      return { ...result, facts: { secret: holdsSecret(file.text) } };
    },
    conclude: (facts, { paths }) => {
      // Listed files are those that no ignore file leaves out: without any, there is no git to fear.
      const git = paths.some((path) => /(?:^|\/)\.gitignore$/.test(path));
      const exposed = git ? [...facts].filter(([, { secret }]) => secret).map(([path]) => path) : [];
      const programs = paths.filter((path) => planted.test(path));
      const findings = project.flatMap(({ rule, check }) =>
        (check === 'planted-program' ? programs : exposed).map((path) => at(rule, path)),
      );
      return { findings, gaps: [] };
    },
  };
}

/** What instructs agents or lets them act: hooks, steering, MCP servers, permissions, of all agents that we know. */
export const agentConfigEngine: Engine<Facts> = { name: 'agent-config', matchSchema: agentConfigMatch, compile };
