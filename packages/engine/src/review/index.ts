export { changeScanner, type ScanChangeOptions } from './scan-change.ts';
