// Text that only the shell will know: what a command prints, a variable that the line does not set, a line that is read.
// Such text is never a program's name, never code of a shell, and never selects what a program does (C7).

/** Stands in a word for text that is not known; a line that holds it itself is unparsed. */
export const unknownText = '\ue000';
/** The same for what is certain to be a number. */
export const unknownNumber = '\ue001';

export const isUnknown = (word: string): boolean => word.includes(unknownText);

/** A path whose first part is not known could be anywhere. */
export const isUnknownPath = (word: string): boolean => isUnknown(word.split('/')[0] ?? '');

/** As a pattern: what is not known may be any name; one number stands for all. */
export const asPattern = (word: string): string => word.replaceAll(/\ue000+/g, '*').replaceAll(unknownNumber, '1');

/** For rules and people. */
export const shownUnknown = (word: string): string => word.replaceAll(/[\ue000\ue001]+/g, '$…');

const integer = /^-?\d{1,15}$/;
export const isNumber = (value: string | undefined): boolean =>
  value === unknownNumber || (value !== undefined && integer.test(value));

/**
 * Arithmetic that calculates with numbers and does nothing else. SECURITY: a shell evaluates the *values* of names in it
 * as arithmetic again, subscripts and their substitutions included; held by parse.test.ts («arithmetic with …»).
 */
export function isPlainArithmetic(text: string, variables: ReadonlyMap<string, string>): boolean {
  const plain = text.replaceAll(/(?<![\w$])\d{1,2}#\w+/g, '0');
  if (/[^\w\s+\-*/%()<>=!&|^~?:,$]|\$(?![A-Za-z_])/.test(plain)) return false;
  return [...plain.matchAll(/\b[A-Za-z_]\w*/g)].every(([name]) => isNumber(variables.get(name)));
}

/** Names that arithmetic may have changed: they are still numbers. */
export function afterArithmetic(text: string, variables: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  if (!/\+\+|--|(?<![=!<>])=(?!=)/.test(text)) return variables;
  const names = [...text.matchAll(/\b[A-Za-z_]\w*/g)].map(([name]) => name);
  return new Map([...variables, ...names.map((name) => [name, unknownNumber] as const)]);
}
