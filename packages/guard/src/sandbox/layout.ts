import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { SandboxView } from '../working-copy/working-copy.ts';
import type { SystemPaths } from './catalog.ts';
import { insideAmbit, insideFirst, insideHome, insideTemporary } from './environment.ts';
import { gitScript } from './git-script.ts';
import { lsScript } from './ls-script.ts';
import { systemProgram } from './tools.ts';

/** One thing shown to the command. `source` is a path of this machine, or in the holder's namespace (`merged`). */
export interface Bind {
  source: string;
  target: string;
  readOnly: boolean;
  /** A folder of the sandbox's own on this machine, in which mount points may be made. */
  own?: true;
}

/** The whole file view of a command, before protected and hidden paths: what exists for it. */
export interface Layout {
  /** Folders, links and empty files to exist, in order of depth. */
  folders: readonly string[];
  /** Those of the folders that stand in for what links of the workspace lead to. */
  standIns: readonly string[];
  files: readonly string[];
  links: readonly { at: string; to: string }[];
  /** Executable shell scripts of our own. */
  scripts: readonly { at: string; text: string }[];
  /** Small files of the system that are copied: a mount for each would cost more. With their time, to copy anew. */
  copies: readonly { at: string; changed: number }[];
  binds: readonly Bind[];
}

export interface LayoutFacts {
  system: SystemPaths;
  /** Real home of the user, whose toolchains alone may be shown. */
  home: string;
  /** PATH of the user: a toolchain is shown when it names a folder below it. */
  path: string;
  /** The Node that runs us. */
  node: string;
  /** Ambit itself, so that a command such as a hook's `ambit scan` finds it: the folders it needs, and its entry. */
  program?: { roots: readonly string[]; entry: string };
}

interface Draft {
  folders: Set<string>;
  standIns: Set<string>;
  files: Set<string>;
  links: Map<string, string>;
  scripts: Map<string, string>;
  copies: Map<string, number>;
  binds: Bind[];
}

/** Computes the layout from what exists on this machine; touches nothing. */
export function layoutFor(view: SandboxView, facts: LayoutFacts, outward: readonly string[] = []): Layout {
  const draft: Draft = {
    folders: new Set(),
    standIns: new Set(),
    files: new Set(),
    links: new Map(),
    scripts: new Map(),
    copies: new Map(),
    binds: [],
  };
  for (const root of facts.system.roots) show(draft, root);
  for (const name of facts.system.etc) showSmall(draft, join('/etc', name));
  const toolchains = toolchainsOf(facts);
  for (const toolchain of toolchains) show(draft, toolchain);
  showAlongside(draft, facts, toolchains);
  showNode(draft, facts);
  showProgram(draft, facts, view.target);
  for (const folder of ['/proc', '/dev', '/sys', '/var', '/root']) draft.folders.add(folder);
  for (const [source, target] of [
    [view.temporary, insideTemporary],
    [view.home, insideHome],
  ] as const) {
    draft.folders.add(target);
    draft.binds.push({ source, target, readOnly: false, own: true });
  }
  bindFolder(draft, view.source, view.target, false);
  for (const { source, target } of view.writable ?? []) bindFolder(draft, source, target, false);
  for (const { source, target } of view.readOnly) bindFolder(draft, source, target, true);
  showGit(draft);
  showLs(draft, view.target);
  for (const target of [...new Set(outward)].slice(0, standInMost)) standIn(draft, target);
  return finish(draft);
}

function bindFolder(draft: Draft, source: string, target: string, readOnly: boolean): void {
  draft.folders.add(target);
  draft.binds.push({ source, target, readOnly });
}

/** Shows a file, folder or link of this machine read-only, if it exists. */
function show(draft: Draft, path: string): void {
  if (draft.binds.some((bind) => path === bind.target || path.startsWith(`${bind.target}/`))) return;
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return;
  if (stats.isSymbolicLink()) {
    draft.links.set(path, readlinkSync(path));
    return;
  }
  if (stats.isDirectory()) draft.folders.add(path);
  else if (stats.isFile()) draft.files.add(path);
  else return;
  draft.binds.push({ source: path, target: path, readOnly: true });
}

const smallBytes = 256 * 1024;

function showSmall(draft: Draft, path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  // Readable by everybody only: what is the system's own stays its own.
  if (stats?.isFile() && stats.size <= smallBytes && (stats.mode & 0o004) !== 0) draft.copies.set(path, stats.ctimeMs);
  else show(draft, path);
}

function toolchainsOf(facts: LayoutFacts): string[] {
  const folders = facts.path.split(':').filter((folder) => folder.startsWith('/'));
  const absolute = (entry: string) => (entry.startsWith('/') ? entry : join(facts.home, entry));
  const named = facts.system.toolchains.filter((entry) => {
    const root = absolute(entry);
    return folders.some((folder) => folder === root || folder.startsWith(`${root}/`));
  });
  // A whole /opt is not shown: only the product in it that PATH names.
  return named.flatMap((entry) => (entry === '/opt' ? optsOf(folders) : [absolute(entry)]));
}

/** What tools look for in their user's home, which is another one inside: read-only, in a folder they may write to. */
function showAlongside(draft: Draft, facts: LayoutFacts, shown: readonly string[]): void {
  for (const [entry, parts] of Object.entries(facts.system.alongside)) {
    if (!shown.includes(join(facts.home, entry))) continue;
    for (const part of parts) {
      const source = join(facts.home, part);
      const stats = statSync(source, { throwIfNoEntry: false });
      const target = join(insideHome, part);
      if (stats?.isFile()) draft.files.add(target);
      if (stats) draft.binds.push({ source: realpathSync(source), target, readOnly: true });
    }
  }
}

function optsOf(folders: readonly string[]): string[] {
  const below = folders.filter((folder) => folder.startsWith('/opt/'));
  return [...new Set(below.map((folder) => folder.split('/').slice(0, 3).join('/')))];
}

/** The folder tree around a Node in `<prefix>/bin` is its toolchain (npm, headers); never a home or a root. */
function showNode(draft: Draft, facts: LayoutFacts): void {
  const node = realpathSync(facts.node);
  const bin = join(insideAmbit, 'bin');
  draft.folders.add(bin);
  draft.files.add(join(bin, 'node'));
  draft.binds.push({ source: node, target: join(bin, 'node'), readOnly: true });
  const prefix = dirname(dirname(node));
  if (basename(dirname(node)) === 'bin' && hasNpm(prefix) && prefix !== facts.home) show(draft, prefix);
}

/** Ambit stands at its own path, where its dependencies find each other; in the workspace it stands anyway. */
function showProgram(draft: Draft, { program }: LayoutFacts, workspace: string): void {
  if (!program) return;
  const { roots, entry } = program;
  for (const root of roots) if (root !== workspace && !root.startsWith(`${workspace}/`)) show(draft, root);
  const bin = join(insideAmbit, 'bin');
  const quoted = `'${entry.replaceAll("'", `'\\''`)}'`;
  draft.scripts.set(join(bin, 'ambit'), `#!/bin/sh\nexec ${join(bin, 'node')} ${quoted} "$@"\n`);
}

/** Links for which something stands in; more are left to lead nowhere. */
const standInMost = 50;
const ofKernel = /^\/(?:proc|sys|dev|run)(?:\/|$)/;

/** An empty folder, whatever is there: a repository that names a path does not learn whether it exists. */
function standIn(draft: Draft, target: string): void {
  const above = (path: string) => target === path || target.startsWith(`${path}/`);
  if (ofKernel.test(target) || target.includes('\0') || [...draft.links.keys()].some(above)) return;
  const inside = draft.binds.filter((bind) => above(bind.target));
  // Below what is shown of this machine everything is as it is there.
  if (inside.length === 0) draft.folders.add(target);
  if (inside.every(({ own }) => own)) draft.standIns.add(target);
}

/**
 * The settings of the repository are read-only: `git config` of the run sets them in the private home instead, where they
 * are obeyed all the same and end with the run. Everything else is git's own.
 */
function showGit(draft: Draft): void {
  const git = systemProgram('git');
  if (git === undefined) return;
  draft.scripts.set(join(insideFirst, 'git'), gitScript(git));
}

/** Only GNU's `ls` can leave names out. */
function showLs(draft: Draft, workspace: string): void {
  const ls = systemProgram('ls');
  if (ls === undefined || basename(realpathSync(ls)) !== 'ls') return;
  draft.scripts.set(join(insideFirst, 'ls'), lsScript(ls, workspace));
}

function hasNpm(prefix: string): boolean {
  return statSync(join(prefix, 'lib/node_modules/npm'), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function finish(draft: Draft): Layout {
  const depth = (path: string) => path.split('/').length;
  const byDepth = (a: string, b: string) => depth(a) - depth(b) || (a < b ? -1 : 1);
  return {
    folders: [...draft.folders].sort(byDepth),
    standIns: [...draft.standIns].sort(byDepth),
    files: [...draft.files].sort(byDepth),
    links: [...draft.links].map(([at, to]) => ({ at, to })),
    scripts: [...draft.scripts].map(([at, text]) => ({ at, text })),
    copies: [...draft.copies].map(([at, changed]) => ({ at, changed })),
    // Outer folders first: a bind must not cover one that was made inside it.
    binds: draft.binds.sort((a, b) => byDepth(a.target, b.target)),
  };
}
