import { messageOf } from '@ambit/core/errors';
import type { CallPart, ResultPart } from '../providers/model.ts';
import type { AnyTool } from '../tools/tool.ts';
import { type ParsedArguments, parseArguments } from './arguments.ts';
import type { AgentPorts } from './types.ts';

interface Prepared {
  call: CallPart;
  tool?: AnyTool;
  parsed: ParsedArguments;
}

function prepare(call: CallPart, tools: readonly AnyTool[]): Prepared {
  const tool = tools.find((entry) => entry.name === call.name);
  if (tool) return { call, tool, parsed: parseArguments(call.arguments, tool.schema) };
  const names = tools.map((entry) => entry.name).join(', ');
  return { call, parsed: { problem: `there is no tool \`${call.name.slice(0, 60)}\`; tools: ${names}` } };
}

function result(call: CallPart, text: string, failed: boolean): ResultPart {
  return { type: 'result', id: call.id, name: call.name, text, failed };
}

async function runOne({ call, tool, parsed }: Prepared, ports: AgentPorts, signal: AbortSignal): Promise<ResultPart> {
  if (signal.aborted) return result(call, 'cancelled: the run was stopped', true);
  if (!tool || 'problem' in parsed) {
    const problem = 'problem' in parsed ? parsed.problem : '';
    ports.emit({ type: 'note', level: 'warning', text: `${call.name.slice(0, 60)}: ${problem}` });
    return result(call, problem, true);
  }
  const { context, images } = ports.callContext(signal, tool, parsed.args);
  try {
    const told = await tool.use(parsed.args, context);
    const attached = images();
    return {
      ...result(call, told.text, told.failed),
      ...(attached.length > 0 ? { images: attached } : {}),
    };
  } catch (error) {
    return result(call, `the tool failed: ${messageOf(error)}`, true);
  }
}

/** Neighbours that only read form one batch; everything else stands alone, in order. */
function batches(prepared: readonly Prepared[]): Prepared[][] {
  const out: Prepared[][] = [];
  for (const item of prepared) {
    const last = out.at(-1);
    if (item.tool?.readOnly && last?.every((other) => other.tool?.readOnly)) last.push(item);
    else out.push([item]);
  }
  return out;
}

/** Reads of one batch at the same time; more would only queue at the disk. */
const sideBySide = 8;

/**
 * Carries out the calls of one answer: reads side by side, everything that changes something alone and in the model's
 * order. Every call gets exactly one result, in order, whatever happens; never throws.
 */
export async function runCalls(
  calls: readonly CallPart[],
  tools: readonly AnyTool[],
  ports: AgentPorts,
  signal: AbortSignal,
): Promise<ResultPart[]> {
  const results: ResultPart[] = [];
  for (const batch of batches(calls.map((call) => prepare(call, tools)))) {
    for (let i = 0; i < batch.length; i += sideBySide)
      results.push(...(await Promise.all(batch.slice(i, i + sideBySide).map((item) => runOne(item, ports, signal)))));
  }
  return results;
}
