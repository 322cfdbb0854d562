import type { Condition, PlainCondition } from './match-schema.ts';
import { scalarText, select, splitPath, type Tree } from './tree.ts';

type Test = (place: Tree, document: Tree) => boolean;

function holds(condition: PlainCondition): (node: Tree) => boolean {
  const matches = condition.matches === undefined ? undefined : new RegExp(condition.matches, 'i');
  const refuses = condition['not-matches'] === undefined ? undefined : new RegExp(condition['not-matches'], 'i');
  const equals = condition.equals === undefined ? undefined : [condition.equals].flat().map(String);
  return (node) => {
    const text = scalarText(node);
    if (equals && (text === undefined || !equals.includes(text))) return false;
    if (matches && (text === undefined || !matches.test(text))) return false;
    if (refuses && text !== undefined && refuses.test(text)) return false;
    if (condition.above !== undefined && !(Number(text) > condition.above)) return false;
    return condition.below === undefined || Number(text) < condition.below;
  };
}

function plain(condition: PlainCondition): Test {
  const fromRoot = condition.path.startsWith('/');
  const path = splitPath(fromRoot ? condition.path.slice(1) : condition.path);
  const accepts = holds(condition);
  return (place, document) => {
    const nodes = select(fromRoot ? document : place, path).map((found) => found.node);
    if (condition.absent) return nodes.length === 0;
    return condition.without ? !nodes.some(accepts) : nodes.some(accepts);
  };
}

/** Compiles conditions to one question about a place in a document. */
export function compileConditions(conditions: readonly Condition[]): Test {
  const tests = conditions.map((condition): Test => {
    if (!('any' in condition)) return plain(condition);
    const some = condition.any.map(plain);
    return (place, document) => some.some((test) => test(place, document));
  });
  return (place, document) => tests.every((test) => test(place, document));
}
