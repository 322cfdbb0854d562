import type { CriteriaCatalog } from '../catalog/criterion.ts';
import { type Detection, detectStatements } from './detect.ts';
import type { Statement } from './statements.ts';

/** A file that names the packages of a code base. */
export interface Manifest {
  file: string;
  text: string;
}

/** Where a manifest names a package, by the file's name; the first group is the package. */
const forms: Record<string, RegExp> = {
  'package.json': /^\s*"(@?[\w./-]+)"\s*:\s*"[^"]*"/,
  'composer.json': /^\s*"([\w.-]+\/[\w.-]+)"\s*:\s*"/,
  'requirements.txt': /^\s*([A-Za-z][\w.-]*)/,
  'pyproject.toml': /^\s*"?([A-Za-z][\w.-]*)(?:\[[^\]]*\])?"?\s*(?:[=<>~!]=|[<>]|=\s*["{]|",?\s*$|"?,?\s*$)/,
  Pipfile: /^\s*"?([\w.-]+)"?\s*=/,
  Gemfile: /^\s*gem\s+['"]([\w-]+)['"]/,
  'go.mod': /^\s*(?:require\s+)?[\w.-]+\/(\S+)\s+v\d/,
  'Cargo.toml': /^\s*([\w-]+)\s*=\s*["{]/,
  'pom.xml': /<artifactId>\s*([\w.-]+)\s*<\/artifactId>/,
  'build.gradle': /['"][\w.-]+:([\w.-]+):/,
  'build.gradle.kts': /['"][\w.-]+:([\w.-]+):/,
};

/** Sections of a `package.json` whose entries run with the app; scripts and tools say nothing about what it does. */
const sections = /^\s*"(?:dependencies|optionalDependencies|peerDependencies|bundledDependencies)"\s*:\s*\{/;

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Whether a path is that of a manifest that can be read. */
export function isManifest(path: string): boolean {
  return Object.hasOwn(forms, nameOf(path));
}

/** A manifest on one line is spread out first, so that each entry stands on its own; all of them are then on line 1. */
function linesOf(text: string, json: boolean): { text: string; line: number }[] {
  const lines = text.split(/\r\n?|\n/);
  if (json && lines.filter((line) => line.trim() !== '').length <= 2)
    return text.split(/(?<=[{,])/).map((part) => ({ text: part, line: 1 }));
  return lines.map((line, index) => ({ text: line, line: index + 1 }));
}

function statementsOf({ file, text }: Manifest, catalog: CriteriaCatalog): Statement[] {
  const name = nameOf(file);
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
  if (!form) return [];
  const found: Statement[] = [];
  let inside = name !== 'package.json';
  for (const line of linesOf(text, name.endsWith('.json'))) {
    if (name === 'package.json') {
      if (sections.test(line.text)) inside = true;
      else if (line.text.includes('}') && !form.test(line.text)) inside = false;
    }
    const dependency = inside ? form.exec(line.text)?.[1]?.toLowerCase() : undefined;
    if (dependency !== undefined)
      for (const alias of catalog.manifests)
        if (alias.match.test(dependency))
          found.push({ text: alias.means, line: line.line, quote: line.text.trim().replace(/[,{]$/, ''), file });
    if (name === 'package.json' && inside && form.test(line.text) && /\}\s*,?\s*$/.test(line.text)) inside = false;
  }
  return found;
}

/** Which capabilities the packages of a code base imply, each with the line that names the package. */
export function detectManifests(manifests: readonly Manifest[], catalog: CriteriaCatalog): Detection {
  return detectStatements(
    manifests.flatMap((manifest) => statementsOf(manifest, catalog)),
    catalog,
  );
}
