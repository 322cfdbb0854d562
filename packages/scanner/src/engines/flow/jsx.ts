import type { Node } from '../syntax/tree.ts';
import type { Machine } from './machine.ts';
import type { Layer } from './scope.ts';
import { constant, deepTaint, joinTaints, type Taint, UNKNOWN, type Value } from './value.ts';

type Of<T extends Node['type']> = Extract<Node, { type: T }>;

function nameOf(node: Node): string {
  if (node.type === 'JSXIdentifier' || node.type === 'Identifier') return node.name;
  if (node.type === 'JSXMemberExpression') return `${nameOf(node.object)}.${node.property.name}`;
  if (node.type === 'JSXNamespacedName') return `${node.namespace.name}:${node.name.name}`;
  return '?';
}

function attributeValue(machine: Machine, value: Node | null, scope: Layer): Value {
  if (value === null) return constant(true);
  return machine.evaluate(value, scope);
}

/** Reads a JSX element: attributes are reported as properties of their element, React escapes the children. */
export function evaluateJsx(machine: Machine, node: Of<'JSXElement' | 'JSXFragment'>, scope: Layer): Value {
  if (node.type === 'JSXElement') {
    const owner = nameOf(node.openingElement.name);
    const props = new Map<string, Value>();
    const whole: Value = { kind: 'object', props, whole: true };
    let spread: readonly Taint[] | undefined;
    for (const attribute of node.openingElement.attributes) {
      if (attribute.type === 'JSXSpreadAttribute') {
        whole.whole = false;
        spread = joinTaints(spread, deepTaint(machine.evaluate(attribute.argument, scope)));
      } else if (attribute.type === 'JSXAttribute')
        props.set(nameOf(attribute.name), attributeValue(machine, attribute.value, scope));
    }
    for (const attribute of node.openingElement.attributes)
      if (attribute.type === 'JSXAttribute') {
        const name = nameOf(attribute.name);
        const value = props.get(name) ?? UNKNOWN;
        machine.observer.prop({ node: attribute, owner, name, value, whole, scope, frame: machine.frame });
      }
  }
  for (const child of node.children) machine.evaluate(child, scope);
  return { kind: 'object', ref: 'jsx' };
}
