export { readCheckedRules, readRules } from './catalog.ts';
export type { Gap } from './engine.ts';
export { atLeast, type Finding, type ScanResult, type ScanStats, type Suppressed } from './finding.ts';
export { type Failure, proveRules, scanTexts } from './prove.ts';
export { jsonReport } from './report/json.ts';
export { plain, type Screen, terminalReport } from './report/terminal.ts';
export { type ScanOptions, scan } from './scan.ts';
export { type Catalog, createScanner, type FileReport, type Scanner } from './scanner.ts';
export { languageOf } from './sources/language.ts';
