import { canonicalJson, hashText, type Subject } from '@ambit/guard/integrity';
import type { McpConnection } from './client.ts';

/** What a server offers, as something a person can accept by content: names, descriptions and schemas. */
export function toolsSubject(connection: Pick<McpConnection, 'tools' | 'server'>): Subject {
  const offered = [...connection.tools].sort((a, b) => (a.name < b.name ? -1 : 1));
  const shape = offered.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  const id = `mcp-tools:${connection.server.name}`;
  const text = `${JSON.stringify(shape, null, 2)}\n`;
  return { id, kind: 'mcp-tools', path: id, sha256: hashText(canonicalJson(JSON.parse(text))), text };
}

/** Names that every provider takes: letters, digits, `_` and `-`, at most 64. */
export function toolName(server: string, tool: string): string {
  return `${server}_${tool}`.replaceAll(/[^\w-]/g, '_').slice(0, 64);
}
