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

/** The line cannot be known from its text; `reason` tells a model how to put it instead. */
export interface Unparsed {
  unparsed: string;
}

export const unparsed = (reason: string): Unparsed => ({ unparsed: reason });
