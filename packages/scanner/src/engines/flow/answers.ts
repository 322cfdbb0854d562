import type { FunctionNode, Node } from '../syntax/tree.ts';

/** A condition, and what it was when the function gave its answer. */
export interface Answer {
  test: Node;
  holds: boolean;
}

/** What a branch of nothing but `return true` or `return false` returns. */
function constantReturn(node: Node): boolean | undefined {
  const only = node.type === 'BlockStatement' && node.body.length === 1 ? node.body[0] : node;
  if (only?.type !== 'ReturnStatement' || only.argument === null) return undefined;
  const { argument } = only;
  return argument.type === 'Literal' && typeof argument.value === 'boolean' ? argument.value : undefined;
}

/**
 * The tests that a function which answers yes or no has made by the time it gives `answer`: `(x) => /^\w+$/.test(x)`, or
 * `if (bad(x)) return false; … return true`. Empty where it does anything else that matters.
 */
export function answersOf({ body }: FunctionNode, answer: boolean): Answer[] {
  if (body === null) return [];
  if (body.type !== 'BlockStatement') return [{ test: body, holds: answer }];
  const found: Answer[] = [];
  for (const statement of body.body) {
    if (statement.type === 'ReturnStatement') {
      const { argument } = statement;
      if (argument === null) return [];
      if (argument.type !== 'Literal') return [...found, { test: argument, holds: answer }];
      return argument.value === answer ? found : [];
    }
    if (statement.type !== 'IfStatement' || statement.alternate !== null) return [];
    const returned = constantReturn(statement.consequent);
    if (returned === undefined) return [];
    // Two ways lead to the answer: only what stands before both is certain.
    if (returned === answer) return found;
    found.push({ test: statement.test, holds: false });
  }
  return [];
}
