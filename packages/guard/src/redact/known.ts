import { entropy } from '@ambit/core/detect';
import type { Codes } from './codes.ts';
import { compileFinder, type Wanted } from './find.ts';

/** A value that must never be seen, with the name under which it is known. */
export interface KnownSecret {
  name: string;
  value: string;
}

export interface KnownSpan {
  name: string;
  start: number;
  end: number;
}

/** Shorter values occur by chance. */
const least = 8;
const most = 500;

const secretName =
  /(?:KEY|TOKEN|SECRET|PASSW|PASSPHRASE|PWD$|CREDENTIAL|PRIVATE|AUTH(?!OR)|COOKIE|SIGNATURE|DSN|CONNECTION_?STRING|_PAT$|^PAT$|BEARER|SALT|WEBHOOK|LICENSE)/i;
/** Names that contain one of those words and hold nothing secret. */
const harmlessName =
  /(?:_FILE|_PATH|_DIR|_ID|_NAME|_TYPE|_URL_PREFIX|_ENABLED|_TTL|_EXPIRY|_AGENT_PID|_AUTH_SOCK|PUBLIC_KEY|PUBLISHABLE_KEY|^KEYBOARD|^XAUTHORITY|^SSH_AUTH_SOCK|^GPG_AGENT|SESSION_TYPE|DESKTOP_SESSION|XDG_SESSION|DBUS_SESSION)/i;
const inAddress = /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:([^\s/@]{4,})@/i;
const plainValue =
  /^(?:true|false|null|none|undefined|enabled|disabled|development|production|test|staging|localhost|changeme)$/i;

/** Whether a variable's value is to be kept secret: by its name, or by what it looks like. */
export function isSecretVariable(name: string, value: string): boolean {
  if (value.length < least || plainValue.test(value)) return false;
  if (inAddress.test(value)) return true;
  if (harmlessName.test(name) || /^(?:\/|~\/|\.\/|[A-Za-z]:\\)/.test(value)) return false;
  if (secretName.test(name)) return true;
  return /^[\w+/=.~-]{24,}$/.test(value) && /\d/.test(value) && /[A-Za-z]/.test(value) && entropy(value) >= 4;
}

/** Whether a recognised value is one that cannot stand anywhere by chance: learned, it is looked for everywhere. */
export function isTelling(value: string): boolean {
  return value.length >= 16 && value.length <= 512 && /^\S+$/.test(value) && /\d/.test(value) && entropy(value) >= 3.5;
}

/** The secret itself and, of an address, the password in it. */
export function secretsIn(name: string, value: string): KnownSecret[] {
  const password = inAddress.exec(value)?.[1];
  const found = [{ name, value }];
  if (password && password.length >= 6) found.push({ name, value: password }, { name, value: decodeSafely(password) });
  return found.filter((one, i) => found.findIndex((other) => other.value === one.value) === i);
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Secrets among environment variables. */
export function environmentSecrets(env: Readonly<Record<string, string | undefined>>): KnownSecret[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && isSecretVariable(name, value) ? secretsIn(name, value) : [],
  );
}

/** The part of a base64 text that stands for `value` alone, wherever it begins in what was encoded. */
function base64Cores(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const from = shift === 0 ? 0 : shift + 1;
    const bits = (shift + bytes.length) * 8;
    return text.slice(from, Math.floor(bits / 6));
  });
}

/** Percent-encoding of everything but letters and digits, as some encoders do. */
const percentAll = (value: string) =>
  [...Buffer.from(value, 'utf8')]
    .map((byte) =>
      /[A-Za-z0-9]/.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');

/** Every form in which a value may stand in a text. */
export function formsOf(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  const cores = base64Cores(value);
  const forms = [
    value,
    ...cores,
    ...cores.map((core) => core.replaceAll('+', '-').replaceAll('/', '_')),
    bytes.toString('hex'),
    [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
    [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':'),
    [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
    encodeURIComponent(value),
    percentAll(value),
    [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    JSON.stringify(value).slice(1, -1),
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    [...value].reverse().join(''),
  ];
  return [...new Set(forms)].filter((form) => form.length >= least || form === value);
}

/** Finds known values in any of their forms. Letters of hex and percent forms match in either case. */
export interface KnownFinder {
  find(codes: Codes, length?: number): KnownSpan[];
  /** Whether there is any. */
  isIn(codes: Codes, length?: number): boolean;
  /** Length of the longest form: how much of a stream must be kept to see a split one. */
  readonly longest: number;
  /** Length of the shortest one; without any there is nothing so long. */
  readonly least: number;
}

export function compileKnown(secrets: readonly KnownSecret[]): KnownFinder {
  return compileForms(secrets, (value) =>
    formsOf(value).map((text) => ({
      text,
      folded: /^(?:%|\\x|[0-9a-f]{2}(?:[: ]?[0-9a-f]{2})+$)/.test(text) || text.includes('%'),
    })),
  );
}

const rotate = (text: string) =>
  text.replaceAll(/[a-z]/gi, (char) => {
    const base = char <= 'Z' ? 65 : 97;
    return String.fromCharCode(((char.charCodeAt(0) - base + 13) % 26) + base);
  });

/** Of RFC 4648, without padding. */
function base32(value: string): string {
  const bits = [...Buffer.from(value, 'utf8')].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)])
    .join('');
}

/** Base32 of a value that begins anywhere in what was encoded: five alignments, ends left out. */
const base32Cores = (value: string) =>
  [0, 1, 2, 3, 4].map((shift) => base32(`${'\0'.repeat(shift)}${value}`).slice(Math.ceil((shift * 8) / 5)));

/**
 * What is left of a value and its encodings when everything but letters and digits is gone. Short or plain words are left
 * out: they occur by chance.
 */
export function squeezedFormsOf(value: string): Wanted[] {
  const bare = value.replaceAll(/[^A-Za-z0-9]/g, '');
  const telling = bare.length >= 10 && (/\d/.test(bare) || bare.length >= 20);
  const bytes = [...Buffer.from(value, 'utf8')];
  const plain = telling ? [bare, [...bare].reverse().join(''), rotate(bare)] : [];
  const encoded = [
    ...[10, 8, 2].map((radix) =>
      bytes.map((byte) => byte.toString(radix).padStart({ 8: 3, 2: 8 }[radix] ?? 0, '0')).join(''),
    ),
    ...(bytes.length > 7 ? [bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')] : []),
    ...base64Cores(value).map((core) => core.replaceAll(/[^A-Za-z0-9]/g, '')),
    ...base32Cores(value),
  ].filter((form) => form.length >= 14);
  return [...new Set([...plain, ...encoded])].map((text) => ({
    text,
    folded: !/[A-Z]/.test(text) || plain.includes(text),
  }));
}

/** A finder over whatever forms a value may take. */
export function compileForms(
  secrets: readonly KnownSecret[],
  formsOfValue: (value: string) => readonly Wanted[],
): KnownFinder {
  const forms = secrets
    .slice(0, most)
    .flatMap(({ name, value }) => (value.length < 6 ? [] : formsOfValue(value).map((form) => ({ name, ...form }))));
  const finder = compileFinder(forms);
  return {
    least: forms.reduce((least, { text }) => Math.min(least, text.length), Number.POSITIVE_INFINITY),
    longest: forms.reduce((longest, { text }) => Math.max(longest, text.length), 0),
    find: (codes, length = codes.length) => {
      const spans: KnownSpan[] = [];
      finder.scan(codes, length, (word, start) => {
        const form = forms[word];
        if (form) spans.push({ name: form.name, start, end: start + form.text.length });
      });
      return spans;
    },
    isIn: (codes, length = codes.length) => finder.isIn(codes, length),
  };
}
