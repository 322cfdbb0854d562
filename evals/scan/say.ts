import { scanTexts } from '@ambit/scanner';
import { readCases, shippedScanner } from './cases.ts';
import { join } from 'node:path';
const { scanner } = await shippedScanner();
const [kind='config', batch='', word=''] = process.argv.slice(2);
for (const c of readCases(join(import.meta.dirname, kind))) {
  if (batch && c.batch !== batch) continue; if (word && !c.title.includes(word)) continue;
  const r = scanTexts(scanner, c.files);
  console.log(c.bad ? 'BAD ' : 'GOOD', c.title, '=>', r.findings.map((f) => `${f.ruleId}(${f.line}-${f.endLine})`).join(' '), r.gaps.map(g=>g.reason).join('|'));
}
