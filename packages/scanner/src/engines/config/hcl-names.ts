import type { Child, Tree } from './tree.ts';

/** How many references one file may hold, so that names that stand for big lists cannot blow it up. */
const REFERENCES_MAX = 2_000;

const REFERENCE = /^(local|var)\s*\.\s*([A-Za-z_][\w-]*)$/;

/** `local.x` and `var.x` with what this file gives them; a default counts, since it is what is used when nobody says more. */
function known(document: Tree): Map<string, Tree> {
  const names = new Map<string, Tree>();
  for (const { key, node } of document.children ?? []) {
    if (key === 'locals') for (const child of node.children ?? []) names.set(`local.${child.key}`, child.node);
    else if (key === 'variable')
      for (const { key: name, node: variable } of node.children ?? []) {
        const value = variable.children?.find((child) => child.key === 'default');
        if (value !== undefined) names.set(`var.${name}`, value.node);
      }
  }
  return names;
}

/** The same value, seen where it is used. */
function seenAt(node: Tree, at: Tree): Tree {
  const place = { line: at.line, endLine: at.endLine };
  if (node.children === undefined) return { ...node, ...place };
  return {
    ...node,
    ...place,
    children: node.children.map((child): Child => ({ ...child, line: at.line, node: seenAt(child.node, at) })),
  };
}

/** Puts the file's own locals and the defaults of its variables where blocks refer to them by name alone. */
export function resolveNames(document: Tree): void {
  const names = known(document);
  if (names.size === 0) return;
  let left = REFERENCES_MAX;
  const visit = (node: Tree): void => {
    for (const child of node.children ?? []) {
      const { scalar } = child.node;
      const [, kind, name] = typeof scalar === 'string' ? (REFERENCE.exec(scalar) ?? []) : [];
      const value = name === undefined ? undefined : names.get(`${kind}.${name}`);
      if (value !== undefined && left > 0) {
        left -= 1;
        child.node = seenAt(value, child.node);
      } else visit(child.node);
    }
  };
  for (const { key, node } of document.children ?? []) if (key !== 'locals' && key !== 'variable') visit(node);
}
