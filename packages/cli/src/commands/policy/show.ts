import { exitCode, type Io } from '../../command.ts';
import { policyPlace } from './place.ts';

/** Lists files in force. Exit 2 when one cannot be read: then everything is denied. */
export async function show(json: boolean, io: Io): Promise<number> {
  const { policy, config } = await policyPlace(io);
  const { files, broken, production, grants } = policy;
  if (json) {
    io.out(`${JSON.stringify({ version: 1, files, broken, production, grants, rules: policy.rules.length })}\n`);
    return broken.length > 0 ? exitCode.usage : exitCode.done;
  }
  const builtIn = policy.rules.filter((rule) => rule.scope === 'built-in').length;
  io.out(`built-in        ${builtIn} rules\n`);
  for (const { file, scope, rules } of files) io.out(`${scope.padEnd(15)} ${rules} rules  ${file}\n`);
  if (files.length === 0)
    io.out(`no files of your own; yours would be ${config}/policy.yaml, the project's .ambit/policy.yaml\n`);
  const ignored = policy.rules.filter(
    (rule) => rule.effect === 'allow' && (rule.scope === 'project' || rule.scope === 'organisation'),
  );
  if (ignored.length > 0)
    io.out(`${ignored.length} allowing rules of project or organisation have no effect: they can only narrow\n`);
  if (production.length > 0) io.out(`production      ${production.join(', ')}\n`);
  if (grants.length > 0) io.out(`permissions     ${grants.length}; see: ambit policy grants\n`);
  for (const { source, problem } of broken) io.err(`unreadable, so everything is denied: ${source}: ${problem}\n`);
  return broken.length > 0 ? exitCode.usage : exitCode.done;
}
