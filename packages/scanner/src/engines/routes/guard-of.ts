import type { Value } from '../flow/value.ts';
import type { Node } from '../syntax/tree.ts';
import { decoratedIn, definitionEvidence, namesLooseSchema } from './definitions.ts';
import type { Guard } from './model.ts';
import { codeEvidence, functionEvidence, type Reading } from './reading.ts';

/** Names that say nothing in a handler, and say it all in front of one. */
const STANDS_GUARD =
  /^(?:\w+\.)*(?:auth[A-Z]\w*|\w*(?:[sS]ignedIn|[lL]oggedIn|[aA]uthenticated)(?:Only|Guard)?|mustBe\w*|only(?:Users?|Members?))(?:\(\))?$/;

/** What stands in front of a route: by its own text, and by what it is made of where it is made in this file. */
export function guardOf(collecting: Reading, node: Node, value: Value | undefined): Guard {
  const { machine, lines } = collecting;
  const text = machine.text.slice(node.start, node.end);
  const evidence = codeEvidence(collecting, node);
  if (value?.fn !== undefined) Object.assign(evidence, { ...functionEvidence(collecting, value.fn.node), ...evidence });
  else if (node.type === 'Identifier')
    Object.assign(evidence, { ...definitionEvidence(collecting, node.name), ...evidence });
  if (evidence.shaped !== undefined && namesLooseSchema(machine.text, text)) delete evidence.shaped;
  if (collecting.model.optional.test(text)) {
    evidence.optional = lines.at(node.start).line;
    delete evidence.authentication;
  }
  if (STANDS_GUARD.test(text)) evidence.authentication ??= lines.at(node.start).line;
  const ref = collecting.references.own(value?.ref);
  const decorated = decoratedIn(text);
  return {
    text: text.replaceAll(/\s+/g, ' ').slice(0, 60),
    line: lines.at(node.start).line,
    evidence,
    ...(ref === undefined ? {} : { ref }),
    ...(decorated.length === 0 ? {} : { decorated }),
  };
}
