import { messageOf } from '@ambit/core/errors';
import { parse } from 'yaml';
import * as z from 'zod/mini';

/** A custom agent as its file says it: words for the model, and which tools it may use. It can only narrow. */
export interface AgentFile {
  name: string;
  path: string;
  description: string;
  /** System prompt; or a file beside the agent's, as `file://…`. */
  prompt: string;
  /** Kiro's names of tools; none listed means none. */
  tools: readonly string[];
  excluded: readonly string[];
  /** Files to be read with the prompt, relative to the workspace. */
  resources: readonly string[];
  /** The part of the file with permissions, for the policy's reader. */
  settings: string;
  /** What the file asks for and does not get, one line each. */
  ignored: readonly string[];
}

export type ParsedAgent = { agent: AgentFile } | { problem: string; hint: string };

const shape = z.looseObject({
  name: z.optional(z.string()),
  description: z.optional(z.string()),
  prompt: z.optional(z.nullable(z.string())),
  model: z.optional(z.nullable(z.string())),
  tools: z.optional(z.array(z.string())),
  excludedTools: z.optional(z.array(z.string())),
  allowedTools: z.optional(z.array(z.string())),
  resources: z.optional(z.array(z.unknown())),
  mcpServers: z.optional(z.record(z.string(), z.unknown())),
  permissions: z.optional(z.unknown()),
  toolsSettings: z.optional(z.unknown()),
});

/** Front matter and body of a Markdown agent; a JSON agent is all front matter. */
function split(path: string, text: string): { settings: string; body: string } | undefined {
  if (/\.json$/i.test(path)) return { settings: text, body: '' };
  const clean = text.replace(/^\ufeff/, '');
  const match = /^---[ \t]*\r?\n([\s\S]*?)^---[ \t]*(?:\r?\n|$)/m.exec(clean);
  if (match?.index !== 0) return undefined;
  return { settings: match[1] ?? '', body: clean.slice(match[0].length).trim() };
}

/** The path below the folder of agents, without its ending: `team/planner`. */
const nameOf = (path: string) =>
  path.replace(/^.*\/\.kiro\/agents\/|^\.kiro\/agents\//, '').replace(/\.(json|md)$/i, '');

function ignoredOf(data: z.infer<typeof shape>): string[] {
  const servers = Object.keys(data.mcpServers ?? {});
  const allows =
    JSON.stringify([data.permissions, data.toolsSettings] as unknown).match(/"effect":"allow"/g)?.length ?? 0;
  return [
    ...(data.model ? [`model ${data.model}: which model works is the user's choice (--model)`] : []),
    ...(data.allowedTools?.length
      ? [`allowedTools ${data.allowedTools.join(', ')}: an agent allows itself nothing`]
      : []),
    ...(allows > 0 ? [`${allows} allowing ${allows === 1 ? 'rule' : 'rules'}: an agent allows itself nothing`] : []),
    ...(servers.length > 0 ? [`MCP servers ${servers.join(', ')}: only those of accepted settings are used`] : []),
  ];
}

/** Reads an agent file: Markdown, or JSON of either generation. */
export function parseAgent(path: string, text: string): ParsedAgent {
  const parts = split(path, text);
  if (!parts)
    return { problem: 'there is no front matter', hint: 'begin with a line of three dashes; see Kiro’s custom agents' };
  let value: unknown;
  try {
    value = parse(parts.settings) ?? {};
  } catch (error) {
    return { problem: `it cannot be read: ${messageOf(error).split('\n')[0]}`, hint: 'mend the YAML or JSON' };
  }
  const parsed = z.safeParse(shape, value);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') || 'the file';
    return { problem: `\`${field}\` has the wrong shape`, hint: 'see Kiro’s format of custom agents' };
  }
  const { data } = parsed;
  const resources = (data.resources ?? []).flatMap((one) =>
    typeof one === 'string' && one.startsWith('file://') ? [one.slice('file://'.length).replace(/^\.\//, '')] : [],
  );
  return {
    agent: {
      name: data.name ?? nameOf(path),
      path,
      description: data.description ?? '',
      prompt: parts.body || (data.prompt ?? ''),
      tools: data.tools ?? [],
      excluded: data.excludedTools ?? [],
      resources: resources.filter((one) => !/[*?[{]/.test(one)),
      settings: parts.settings,
      ignored: ignoredOf(data),
    },
  };
}
