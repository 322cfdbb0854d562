import type { RawFinding } from '../../engine.ts';
import { type Child, scalarText, type Tree } from './tree.ts';
import type { TreeAnswer, TreeRule } from './tree-rule.ts';

/** A place of a rule that only the folder decides on; `address` is what other resources call it by. */
interface Candidate {
  ruleId: string;
  line: number;
  endLine: number;
  address?: string;
}

/** What one file adds to what is known of its folder. */
export interface FolderFacts {
  open: Candidate[];
  /** Ids of rules, once for each place of this file that satisfies them. */
  kept: string[];
  /** By resource type: the addresses such resources name; empty where one names none that can be told. */
  settles: Record<string, string[]>;
}

/** More places than a habit is told by. */
const KEPT_MAX = 40;
/** So many places without it for one with it, and it is no habit but an exception. */
const LACKING_MAX = 3;

function addressesIn(node: Tree, found: Set<string>): void {
  for (const { node: child } of node.children ?? [])
    if (child.children) addressesIn(child, found);
    else
      for (const [address] of (scalarText(child) ?? '').matchAll(/\b(?:aws|google|azurerm)_\w+\s?\.\s?[\w-]+/g))
        found.add(address.replaceAll(' ', ''));
}

function resourcesOf(documents: readonly Tree[]): { type: string; name: string; child: Child }[] {
  return documents.flatMap((document) =>
    (document.children ?? [])
      .filter(({ key }) => key === 'resource')
      .flatMap(({ node }) => node.children ?? [])
      .flatMap(({ key: type, node }) => (node.children ?? []).map((child) => ({ type, name: child.key, child }))),
  );
}

/** True for rules that need the whole folder. */
export function isOfFolder({ match }: TreeRule): boolean {
  return match.consistent === true || match.elsewhere !== undefined;
}

/** Facts of one file; undefined where it has nothing to say. */
export function folderFacts(
  answers: readonly (readonly [TreeRule, TreeAnswer])[],
  documents: readonly Tree[],
  settling: ReadonlySet<string>,
): FolderFacts | undefined {
  const resources = resourcesOf(documents);
  const facts: FolderFacts = { open: [], kept: [], settles: {} };
  for (const [{ rule, match }, { findings, kept }] of answers) {
    for (let i = 0; i < Math.min(kept, KEPT_MAX); i += 1) facts.kept.push(rule.id);
    for (const { ruleId, line, endLine } of findings) {
      const own = match.elsewhere && resources.find(({ child }) => child.line === line);
      facts.open.push({ ruleId, line, endLine, ...(own ? { address: `${own.type}.${own.name}` } : {}) });
    }
  }
  for (const { type, child } of resources) {
    if (!settling.has(type)) continue;
    const named = new Set<string>();
    addressesIn(child.node, named);
    const known = facts.settles[type];
    facts.settles[type] = named.size === 0 || known?.length === 0 ? [] : [...(known ?? []), ...named];
  }
  const isEmpty = facts.open.length === 0 && facts.kept.length === 0 && Object.keys(facts.settles).length === 0;
  return isEmpty ? undefined : facts;
}

const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));

function settled({ address }: Candidate, types: readonly string[], files: readonly FolderFacts[]): boolean {
  return types.some((type) =>
    files.some(({ settles }) => {
      const named = settles[type];
      return named !== undefined && (named.length === 0 || address === undefined || named.includes(address));
    }),
  );
}

/** Decides, folder by folder, on the places that one file alone could not decide on. */
export function concludeFolders(facts: ReadonlyMap<string, FolderFacts>, rules: readonly TreeRule[]): RawFinding[] {
  const folders = new Map<string, [string, FolderFacts][]>();
  for (const [path, own] of facts) {
    const folder = folders.get(folderOf(path)) ?? [];
    folder.push([path, own]);
    folders.set(folderOf(path), folder);
  }
  const findings: RawFinding[] = [];
  for (const files of folders.values()) {
    const all = files.map(([, own]) => own);
    for (const { rule, match } of rules) {
      const open = files.flatMap(([file, own]) =>
        own.open.filter(({ ruleId }) => ruleId === rule.id).map((candidate) => ({ file, candidate })),
      );
      if (open.length === 0) continue;
      const left = open.filter(({ candidate }) => !settled(candidate, match.elsewhere ?? [], all));
      const kept = all.reduce((sum, own) => sum + own.kept.filter((id) => id === rule.id).length, 0);
      const isHabit = left.length < open.length || (kept > 0 && left.length <= kept * LACKING_MAX);
      if (match.consistent && !isHabit) continue;
      for (const { file, candidate } of left)
        findings.push({ ruleId: rule.id, file, line: candidate.line, endLine: candidate.endLine });
    }
  }
  return findings;
}
