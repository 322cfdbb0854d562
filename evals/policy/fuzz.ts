// node evals/policy/fuzz.ts [--inputs 10000000] [--seed N]
// Random bytes, mutated real lines and random rule sets against the command parser and the evaluator. A violation is a
// crash, a hang, or an allowed line with a command whose program nobody knows. Prints the inputs that violate; exit 1.
import { parseArgs } from 'node:util';
import { compilePolicy, evaluate, type Facts, type Request, type Rule } from '@ambit/core/policy-model';
import { referenceEffect } from '../../packages/core/src/policy-model/reference.ts';
import { createFuzz, randomBytes, type Violation } from './generate.ts';

const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '200000' }, seed: { type: 'string', default: '1' } },
});
const inputs = Number(values.inputs);
const fuzz = await createFuzz(Number(values.seed));

const started = performance.now();
const violations: Violation[] = [];
const tally = { random: 0, mutated: 0, rules: 0 };
const effects: Record<string, number> = { allow: 0, ask: 0, deny: 0 };

/** Shares of 100 inputs: random bytes are cheap, whole decisions and rule sets are not. */
for (let i = 0; i < inputs && violations.length < 20; i += 1) {
  const kind = i % 100;
  if (kind < 90) {
    const { effect, violation } = await fuzz.decideLine(randomBytes(fuzz.random, 1 + (i % 64)));
    tally.random += 1;
    effects[effect] = (effects[effect] ?? 0) + 1;
    if (violation) violations.push(violation);
  } else if (kind < 98) {
    const { violation } = await fuzz.decideLine(fuzz.mutatedLine());
    tally.mutated += 1;
    if (violation) violations.push(violation);
  } else {
    const { rules, request, facts }: { rules: Rule[]; request: Request; facts: Facts } = fuzz.ruleSet();
    tally.rules += 1;
    const said = evaluate(compilePolicy(rules), request, facts).effect;
    const expected = referenceEffect(rules, request, facts);
    if (said !== expected)
      violations.push({
        input: JSON.stringify({ rules, request, facts }),
        problem: `evaluator says ${said}, twin ${expected}`,
      });
  }
  if (i > 0 && i % 1_000_000 === 0)
    console.error(`${i} inputs, ${((performance.now() - started) / 1000).toFixed(0)} s`);
}

for (const { input, problem } of violations) console.log(`${problem}: ${JSON.stringify(input)}`);
const seconds = (performance.now() - started) / 1000;
console.log(
  `${tally.random} random, ${tally.mutated} mutated lines, ${tally.rules} rule sets in ${seconds.toFixed(0)} s; random lines: ${JSON.stringify(effects)}; ${violations.length} violations`,
);
process.exitCode = violations.length > 0 ? 1 : 0;
