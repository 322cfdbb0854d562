import { lstat, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { type LintRules, parseLintRules, type Spec } from '@ambit/core/spec';
import { findSpec, listSpecs, type SpecFolder } from '@ambit/engine/specs';
import { readCatalog } from '../../catalog.ts';
import type { Io } from '../../command.ts';
import { findWorkspace } from '../../workspace.ts';

/** The specs named, or every spec of the workspace when none is. */
export async function askedSpecs(names: readonly string[], io: Io): Promise<SpecFolder[]> {
  const workspace = findWorkspace(io.cwd, io.env);
  if (names.length === 0) return listSpecs(workspace);
  return Promise.all(names.map((name) => findSpec(workspace, io.cwd, name)));
}

export async function lintRules(): Promise<LintRules> {
  return parseLintRules(await readCatalog('lint'));
}

/** Files that `#[[file:…]]` names and that are not there, or lie outside the workspace. */
export async function missingFiles(spec: Spec, workspace: string): Promise<Map<string, 'missing' | 'outside'>> {
  const found = new Map<string, 'missing' | 'outside'>();
  const trees = [spec.requirements, spec.bugfix, spec.design, spec.tasks];
  const named = new Set(trees.flatMap((tree) => tree?.references.map((reference) => reference.path) ?? []));
  if (named.size === 0) return found;
  const root = await realpath(workspace);
  for (const path of named) {
    const target = isAbsolute(path) ? path : join(root, path);
    const there = await lstat(target).then(
      () => true,
      () => false,
    );
    const real = there ? await realpath(target).catch(() => target) : target;
    const below = relative(root, real);
    if (below.startsWith('..') || isAbsolute(below)) found.set(path, 'outside');
    else if (!there) found.set(path, 'missing');
  }
  return found;
}
