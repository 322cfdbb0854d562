import { compileDetectors } from '@ambit/core/detect';
import { secretFindings } from './engines/pattern/pattern.ts';
import { complete, type Finding, type Located } from './finding.ts';
import { type Catalog, locate } from './scanner.ts';
import { history } from './sources/git.ts';
import { languageOf } from './sources/language.ts';

export interface HistoryResult {
  findings: Finding[];
  commits: number;
}

/**
 * Secrets in any line that any commit of the last `limit` added: what was deleted later is still in the repository.
 * `known` are the findings of the files as they are; they are not repeated.
 */
export async function scanHistory(
  root: string,
  catalog: Catalog,
  known: readonly Finding[],
  limit = 5_000,
): Promise<HistoryResult> {
  const detectors = compileDetectors(catalog.rules, catalog.filters);
  const found: Located[] = [];
  const seen = new Set<string>();
  const commits = await history(root, limit, (commit, file, lines) => {
    const text = lines.map((line) => line.text).join('\n');
    const { secrets } = detectors.find(text, { language: languageOf(file), path: file });
    for (const secret of secrets) {
      const key = `${secret.ruleId}\0${text.slice(secret.start, secret.end)}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const [finding] = locate(file, secretFindings(text, [secret]), () => lines.map((line) => line.text));
      const line = lines[(finding?.line ?? 1) - 1]?.line ?? 1;
      if (finding)
        found.push({ ...finding, line, endLine: line, evidence: [{ file, line, text: `commit ${commit}` }] });
    }
  });
  const now = new Set(known.map((finding) => finding.fingerprint));
  const rules = new Map(catalog.rules.map((rule) => [rule.id, rule]));
  const findings = complete(found, rules)
    .filter((finding) => !now.has(finding.fingerprint))
    .map((finding) => ({ ...finding, message: `${finding.message} (in the git history)` }));
  return { findings, commits };
}
