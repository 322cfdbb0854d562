import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { type CaseResult, runCases, shippedPolicy } from '@ambit/guard/policy';
import { parse } from 'yaml';
import { exitCode, type Io } from '../../command.ts';
import { policyPlace } from './place.ts';

async function readSource(name: string, io: Io): Promise<{ file: string; data: unknown }> {
  try {
    return { file: name, data: parse(await readFile(resolve(io.cwd, name), 'utf8')) as unknown };
  } catch (error) {
    throw new AmbitError('input.missing', `decision cases cannot be read: ${messageOf(error)}`, { where: name });
  }
}

const subjectOf = ({ case: { expect: _expect, rule: _rule, ...one } }: CaseResult) => JSON.stringify(one);

/** Runs decision cases: own files under the policy in force, the shipped ones under the shipped policy. */
export async function testCases(names: readonly string[], json: boolean, io: Io): Promise<number> {
  const { catalog, policy } = await policyPlace(io);
  const own = await Promise.all(names.map((name) => readSource(name, io)));
  const sources = own.length > 0 ? own : catalog.filter(({ file }) => file.startsWith('policies/cases/'));
  if (sources.length === 0)
    throw new AmbitError('input.missing', 'there are no decision cases', { hint: 'name a file of cases' });
  const under = own.length > 0 ? policy : shippedPolicy(catalog);
  const results = (await Promise.all(sources.map((source) => runCases(source, under)))).flat();
  const failed = results.filter(({ problem }) => problem !== undefined);
  if (json) {
    const shown = results.map(({ file, case: one, decision, problem }) => ({
      file,
      case: one,
      effect: decision.effect,
      rule: decision.because.rule,
      problem,
    }));
    io.out(
      `${JSON.stringify({ version: 1, passed: results.length - failed.length, failed: failed.length, cases: shown })}\n`,
    );
  } else {
    for (const one of failed) io.out(`FAILED ${one.file}: ${subjectOf(one)}\n       ${one.problem}\n`);
    io.out(`${results.length - failed.length} decided as expected, ${failed.length} not\n`);
  }
  return failed.length > 0 ? exitCode.findings : exitCode.done;
}
