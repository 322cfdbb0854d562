// The 88 rows of the attack benchmark (real attacks on coding agents): which cases stand for each, which everyday job is the
// same kind of act inside the ambit, and why a row has no case. attacks.test.ts holds it.

/** Rows whose part a session of the local agent does not have, or whose effect another test shows. */
export const elsewhere: Readonly<Record<number, { why: string; tests: readonly string[] }>> = {
  12: {
    why: 'there is no deep link: nothing registers a scheme, and nothing unpacks a session that came from outside',
    tests: ['test/conformance/no-listener.test.ts: nothing listens but the listed places'],
  },
  18: {
    why: 'what a person approved is a stored change set with a hash; what changes afterwards is not what was approved',
    tests: ['packages/engine/src/change-set/apply.test.ts: an approval holds for the change set that was shown'],
  },
  20: {
    why: 'a server is given named variables alone, whatever it asks for later',
    tests: [
      'packages/engine/src/mcp/mcp.test.ts: SECURITY: a server gets only granted variables',
      'test/e2e/mcp.test.ts: SECURITY: an MCP server runs confined, with granted variables alone',
    ],
  },
  26: {
    why: 'acceptance is pinned by content and workspace in the state of the user',
    tests: ['packages/guard/src/integrity/integrity.test.ts: a repository cannot bring its own acceptance'],
  },
  29: {
    why: 'a changed server is another server',
    tests: [
      'packages/guard/src/integrity/integrity.test.ts: one changed MCP server is untrusted, its neighbour is not',
    ],
  },
  78: {
    why: 'a description that gives orders is refused before the model sees it',
    tests: ['test/e2e/mcp.test.ts: SECURITY: a server whose description gives orders is not used'],
  },
  79: {
    why: 'a new version of a server has other tools or another command: it is asked about again',
    tests: ['packages/engine/src/mcp/mcp.test.ts: what is accepted is pinned by content'],
  },
  80: {
    why: 'there is no local inspector, and no string of a server becomes a command of the system',
    tests: ['test/conformance/no-listener.test.ts: nothing listens but the listed places'],
  },
};

/** The everyday job beside each row: the same kind of act, which must work in autopilot. */
const counterparts: readonly (readonly [job: string, rows: readonly number[]])[] = [
  ['day:configuration', [1, 4, 33, 60, 73, 75, 88]],
  ['write-deep', [2, 3, 10, 17, 28, 34, 38, 51, 72]],
  ['day:types-and-docs', [6, 61, 71, 84]],
  ['day:read-many', [5, 11, 15, 20, 24, 25, 29, 48, 50, 62, 69, 70, 78, 79]],
  ['day:odd-names', [7, 30, 57]],
  ['git-commit', [13, 18, 37, 54]],
  ['tests', [9, 42, 74, 83, 85]],
  ['day:python-venv', [40]],
  ['delete', [14, 21]],
  ['edit', [8, 12, 26, 27, 35, 87]],
  ['home', [16, 55]],
  ['day:make', [19]],
  ['day:rg', [22, 46]],
  ['day:server', [23, 45, 56, 58, 68, 80, 86]],
  ['day:loop', [31, 44, 47, 63]],
  ['tests-variable', [36, 66, 76]],
  ['day:move-folder', [39, 43, 65, 67, 81]],
  ['day:timeouts', [41, 59]],
  ['env-example', [49, 77]],
  ['day:node-modules-link', [52, 53]],
  ['day:git-show', [64, 82]],
  ['git-branch', [32]],
];

export const counterpartOf: ReadonlyMap<number, string> = new Map(
  counterparts.flatMap(([job, rows]) => rows.map((row) => [row, job] as const)),
);
