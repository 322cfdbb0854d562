import type { EngineName, Rule, Severity } from '@ambit/core/catalog';
import type * as z from 'zod/mini';
import type { KnownAdvisories } from './engines/deps/osv.ts';

/** One file as engines see it. `path` is relative to the scanned root, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** UTF-8 text without a byte-order mark; decoded at the first read. */
  readonly text: string;
  /** What the keyword pass reads: one character per byte, so that offsets are byte offsets. UTF-16 is decoded. */
  readonly search: string;
  /** From the path alone (`languageOf`); `unknown` where nothing fits. */
  readonly language: string;
}

/** A replacement in `text`, by character offsets. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** One step of a proof: where it is and what it is, for people. */
export interface Evidence {
  file: string;
  line: number;
  text: string;
}

/** What an engine says; the scan adds what the rule knows (severity, CWE, message, fix) and the fingerprint. */
export interface RawFinding {
  ruleId: string;
  /** Lines and columns count from 1. */
  line: number;
  endLine: number;
  column?: number;
  endColumn?: number;
  /** Absent: the file being scanned. Required from `conclude`. */
  file?: string;
  /** Absent: the rule's own. */
  message?: string;
  fix?: string;
  /** Absent: the rule's own. */
  severity?: Severity;
  /** What it is about, where one place can hold several findings of one rule. */
  subject?: string;
  /** Certain repairs only: what `--fix` would do. */
  edits?: Edit[];
  evidence?: Evidence[];
  /** A secret's text never travels; this masked form may. */
  masked?: string;
  /** The exported function that hands it what a request holds: what stands in front of its routes may have checked it. */
  handler?: string;
}

/** Something that was not looked at, and why. Never silent. */
export interface Gap {
  file: string;
  reason: string;
}

export interface FileResult<Facts> {
  findings: RawFinding[];
  /** JSON-serialisable; kept in the cache and handed to `conclude`. */
  facts?: Facts;
  gaps?: Gap[];
}

/** Which rules the keyword pass lets see a file. Rules without keywords are always in. */
export interface Active {
  has(ruleId: string): boolean;
  /** Rules, and parts of rules, of which a word occurs. */
  readonly woken: ReadonlySet<string>;
}

/** What `conclude` may know of the whole project. */
export interface Project {
  /** Every file that was listed, relative to the root. */
  readonly paths: readonly string[];
  /** Text of a listed file, or undefined when it cannot be read; for few files only, it is not cached. */
  read(path: string): string | undefined;
  /** The user's advisory database; absent where nobody asked for known vulnerabilities. */
  readonly advisories?: KnownAdvisories;
}

export interface Conclusion {
  findings: RawFinding[];
  gaps: Gap[];
  /** Takes back what a single file could not know better. */
  keeps?(finding: RawFinding & { file: string }): boolean;
}

/** An engine with its rules compiled; made once per worker. */
export interface CompiledEngine<Facts = unknown> {
  /** By path alone, cheap. */
  wants(path: string, language: string): boolean;
  /**
   * Called when `wants` and (a rule is active, or an engine keyword occurs, or the engine has no `keywords`). Runs in
   * worker threads; its result is cached by (content hash, path, rules hash), so it depends on nothing else.
   */
  scanFile(file: SourceFile, active: Active): FileResult<Facts>;
  /** Runs once, on the main thread, with the facts of all files, those from the cache included. */
  conclude?(facts: ReadonlyMap<string, Facts>, project: Project): Conclusion;
}

/**
 * One way of finding things. An engine knows no rule: what it looks for is in the rules' `match` blocks, whose schema
 * it exports.
 */
export interface Engine<Facts = unknown> {
  name: EngineName;
  /** Other names whose rules are compiled into this engine too: `flow` parses once for `syntax` and `routes`. */
  covers?: readonly EngineName[];
  matchSchema: z.ZodMiniType;
  /** Words of which one must occur for `scanFile` to be called although no rule is active. */
  keywords?: readonly string[];
  /**
   * Parts of a rule that have words of their own: the name under which a part is then active, and the words of which one is
   * in every file in which it could find something.
   */
  partsOf?: (rule: Rule) => readonly { name: string; words: readonly string[] }[];
  /** `frameworks`: the parsed files of `catalog/frameworks` (part of the rules hash); only `flow` reads them. */
  compile(rules: readonly Rule[], frameworks?: readonly unknown[]): CompiledEngine<Facts>;
}
