/** ASCII letters and digits, in lower case. */
export const isPlainWord = (code: number) => (code >= 97 && code <= 122) || (code >= 48 && code <= 57);

/**
 * Is a UTF-16 unit beyond ASCII part of a word. By ranges, not by \p{L}: signs, arrows, emoji and full-width
 * punctuation are no letters, and the rare letter that this calls a sign costs nothing where it is used (keys, shares).
 */
export const isForeignLetter = (code: number) =>
  code >= 0xc0 &&
  !(code >= 0x2000 && code < 0x2c00) &&
  !(code >= 0x3000 && code < 0x3005) &&
  !(code >= 0x3008 && code < 0x3031) &&
  !(code >= 0xfe00 && code < 0xff10) &&
  !(code >= 0xff1a && code < 0xff21) &&
  !(code >= 0xff3b && code < 0xff41) &&
  !(code >= 0xff5b && code < 0xff66);
