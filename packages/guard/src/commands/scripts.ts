import { forEachChild, parse, type SyntaxNode } from 'unbash';

/** Largest script that is looked through. */
const scriptMax = 256 * 1024;

/** Commands of a package.json script with its `pre` and `post` companions, as far as their words are known. */
export function packageScripts(manifest: string | undefined, name: string): string[][] {
  if (manifest === undefined || manifest.length > scriptMax * 4) return [];
  let scripts: unknown;
  try {
    scripts = (JSON.parse(manifest) as { scripts?: unknown }).scripts;
  } catch {
    return [];
  }
  if (typeof scripts !== 'object' || scripts === null) return [];
  const table = scripts as Record<string, unknown>;
  return [`pre${name}`, name, `post${name}`]
    .map((one) => (Object.hasOwn(table, one) ? table[one] : undefined))
    .filter((text) => typeof text === 'string')
    .flatMap(commandsIn);
}

/** Commands of a shell script; none for scripts in other languages. */
export function shellFileCommands(file: string, text: string | undefined): string[][] {
  if (text === undefined || text.length > scriptMax) return [];
  const shebang = /^#!.*\b(sh|bash|dash|zsh|ksh)\b/.test(text);
  return shebang || /\.(sh|bash)$/.test(file) || !/\.\w+$/.test(file) ? commandsIn(text) : [];
}

/**
 * Every simple command anywhere in a script, substitutions and functions included, words as far as they are static.
 * Lenient on purpose: it finds what a script mentions, it does not decide that a script is harmless.
 */
export function commandsIn(text: string): string[][] {
  const found: string[][] = [];
  const visit = (node: SyntaxNode) => {
    if (node.type === 'Command' && node.name) {
      const words = node.args.filter((word) => word.type === 'Word').map((word) => word.value);
      found.push([node.name.value, ...words]);
    }
    if (found.length < 500) forEachChild(node, visit);
  };
  try {
    visit(parse(text));
  } catch {
    return found;
  }
  return found;
}
