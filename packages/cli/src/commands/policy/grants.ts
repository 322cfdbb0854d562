import { AmbitError } from '@ambit/core/errors';
import { readGrants, revokeGrant } from '@ambit/guard/approvals';
import { openAuditLog } from '@ambit/guard/audit';
import { configDirectory, statePaths } from '@ambit/guard/state';
import { exitCode, type Io } from '../../command.ts';
import { findWorkspace } from '../../place.ts';

/** Lists or revokes permissions given for good. */
export async function grants([verb, id]: readonly string[], json: boolean, io: Io): Promise<number> {
  const config = configDirectory(io.env);
  if (verb === 'revoke') {
    if (!id) throw new AmbitError('usage', 'name the permission to take back', { hint: 'see: ambit policy grants' });
    if (!(await revokeGrant(config, id)))
      throw new AmbitError('input.missing', `there is no permission \`${id}\``, { hint: 'see: ambit policy grants' });
    const audit = await openAuditLog(statePaths(findWorkspace(io.cwd, io.env), io.env), { now: io.now });
    await audit.record('approval', null, { revoked: id });
    io.out(`took back ${id}\n`);
    return exitCode.done;
  }
  if (verb !== undefined && verb !== 'list')
    throw new AmbitError('usage', `\`ambit policy grants ${verb}\` is not a command`);
  const kept = await readGrants(config);
  if (json) io.out(`${JSON.stringify({ version: 1, grants: kept })}\n`);
  else if (kept.length === 0) io.out('no permissions were given for good\n');
  else
    for (const one of kept)
      io.out(
        `${one.id}  ${one.capability}  ${one.match.join(', ')}\n            in ${one.workspace}, ${one.at} at the ${one.channel}, asked by ${one.rule}\n`,
      );
  return exitCode.done;
}
