import { parseRules } from '@ambit/core/catalog';
import { compileDetectors, type Detectors, parseFilters } from '@ambit/core/detect';
import { readCatalog } from './catalog.ts';

/** The shipped secret detectors, compiled. */
export async function secretDetectors(): Promise<Detectors> {
  const files = await readCatalog('rules/secrets');
  return compileDetectors(parseRules(files), parseFilters(files));
}
