import { entropy, longestRun, shapeOf, wordShare } from './value.ts';

/** What a rule expects of a value: how it is judged, and its least length. */
export interface Expectation {
  value: 'password' | 'secret' | 'key' | 'salt';
  least: number;
}

/** Values that are code, references, paths or prose, whatever they are assigned to. */
const references: readonly RegExp[] = [
  /[$%]\{|\{\{|#\{|<%|\$\(|%\(|\{\d*\}|\{[\w.]+\}|^%[\w.-]+%?$|%[sdv@]|^<.*>$|^\[.*\]$|^\{|^@[\w.]+@$|^!\w+$|^(?:required|nullable|sometimes|confirmed)\||^\w+(?:\|\w+(?::[\w,]+)?){2,}$|^__\w+__$|^\$[\w.:]+$|^\$\w+(?:->|::|\[|\{|\.)|^&[\w.]+$/,
  /^(?:\.{0,2}|~|[A-Za-z]:)?[/\\](?:[\w.@-]+[/\\])*[\w.@-]*$/,
  /^(?:https?|ftp|file|wss?|git|ssh|arn|urn|data|classpath|vault|ssm|env|ref|op|secretsmanager|keyvault):|^[a-z][a-z0-9+.-]*:\/\//i,
  /^\/.+\/[dgimsuy]*$|^[A-Za-z_$][\w$.]*[([]|<[\w -]+>|^\+.*\($|^(?:tcp|udp|unix|ssl|tls):|^[A-Za-z_]\w*(?:\\{1,2}\w+)+$/,
  /^[\w$]+(?:\.[A-Za-z_$][\w$]*)+(?:\(.*\))?!?;?$/,
  /^[A-Za-z_$][\w$.]*(?:\(.*\)|\[.*\]);?$/,
  /\s\S*\s|^\s|\s$|[^\x20-\x7e\x80-\xff]/,
  /\.(?:js|ts|py|json|ya?ml|pem|key|crt|cer|pub|txt|md|xml|html?|css|png|svg|php|java|properties|conf|env|sh)$/i,
  /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/,
  /^\d+-?(?:bit|byte|digit|char)s?$|^(?:0x)?0*[0-9]{1,3}$|^\d{4}-\d\d-\d\d|^[\d.,:]+(?:px|em|rem|%|ms|s|m|h|d)?$/,
  /^(?:[\w.+-]+@[\w-]+(?:\.[\w-]+)+)$/,
  /^(?:[~^<>=v]{0,2})\d{1,4}\.\d{1,4}\.\d{1,6}(?:[-+][\w.]{1,40})?$/,
  /^(?:application|text|image|audio|multipart)\//,
  /^(?:sha(?:1|256|384|512)|md5)[-:]/i,
  /[\w)]\s*(?:\|\||&&|\?|===?)\s*[\w('"]|=>|::|->|^\s*[({]/,
];

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** A reference to something, not a value. */
export function isReference(value: string): boolean {
  return references.some((regex) => regex.test(value));
}

function isPasswordLike(value: string, least: number): boolean {
  const shape = shapeOf(value);
  if (shape.length < least || shape.length > 128 || shape.distinct < 4) return false;
  if (shape.lower + shape.upper + shape.digit === 0) return false;
  const letters = shape.lower + shape.upper;
  if (letters === 0) return shape.digit >= 6 && longestRun(value) < 5 && shape.distinct >= 5;
  const separators = (value.match(/[-_. /:]/g) ?? []).length;
  const telling = shape.symbol - separators;
  if (shape.digit > 0 || telling > 0) return longestRun(value) < Math.max(4, value.length - 1);
  // Letters only: a word or a chain of words is a label more often than a password.
  return separators === 0 && shape.length >= (shape.upper > 0 && shape.lower > 0 ? 8 : 7) && wordShare(value) < 0.4;
}

/** Told by its shape alone, whatever stands round it: no word, no version, no name of a standard. */
export function isStrongPassword(value: string): boolean {
  const shape = shapeOf(value);
  if (shape.length < 8 || shape.length > 40 || shape.digit === 0 || shape.lower < 2 || shape.distinct < 6) return false;
  if (/^v?\d+[.\d-]*\w{0,4}$|^[A-Z]{2,}-?\d+|^\d+[a-z]{0,3}$|[/\\]/.test(value)) return false;
  const separators = (value.match(/[-_. /:,]/g) ?? []).length;
  if (wordShare(value) > 0.6) return shape.symbol - separators > 0;
  return shape.symbol - separators > 0 || (separators === 0 && shape.upper > 0 && shape.turns >= 3);
}

/** The framed noise that generators of salts make: signs of every kind, blanks among them. */
function isDense(value: string): boolean {
  const { length, lower, upper, digit, turns } = shapeOf(value);
  const symbol = (value.match(/[^\w\s:/.=+-]/g) ?? []).length;
  return (
    length >= 40 && lower > 3 && upper > 3 && digit > 2 && symbol >= Math.max(4, length / 14) && turns >= length / 3
  );
}

/** Long, mixed and unlike words: what a generator makes. */
function isRandom(value: string, least: number): boolean {
  const shape = shapeOf(value);
  if (shape.length < least || shape.distinct < 6) return false;
  if (longestRun(value) > Math.max(5, value.length / 4)) return false;
  const bits = entropy(value);
  if (bits < (shape.length >= 20 ? 3 : 2.6)) return false;
  const share = wordShare(value);
  if (shape.digit === 0) {
    const separators = (value.match(/[-_. ]/g) ?? []).length;
    if (separators > 0 || share >= 0.35) return false;
    return shape.length >= 14 && (shape.upper > 1 ? shape.turns >= shape.length / 5 : share < 0.2);
  }
  if (shape.lower + shape.upper === 0) return shape.length >= 16 && shape.distinct >= 8;
  return share < (shape.length >= 32 ? 0.5 : 0.45) && shape.turns >= Math.min(4, shape.length / 6);
}

/** What a thing is called in a shop of secrets, not the secret. */
const NAMES_A_THING =
  /secret|token|key|cred|pass|auth|prod|stag|dev|test|app|db|name|user|client|config|vault|default|id\b|v\d/i;

/** Words that somebody joined and disguised for a secret: `n0rthern-Lights-77`. */
function isMemorable(value: string): boolean {
  const shape = shapeOf(value);
  return (
    shape.length >= 12 &&
    shape.lower >= 4 &&
    shape.upper >= 1 &&
    shape.digit >= 2 &&
    shape.turns >= 5 &&
    /^[\w!@#$%&*+-]+$/.test(value) &&
    !NAMES_A_THING.test(value)
  );
}

/** A UUID that some generator made; as many are the ids of things as are secrets, so the name has to be sure. */
export function isUuid(value: string): boolean {
  return uuid.test(value) && new Set(value).size > 6;
}

/** Whether a value is a secret of the kind that its name promises. */
export function isSecretValue(value: string, { value: kind, least }: Expectation): boolean {
  // Beyond ASCII stand the words of other languages.
  if (/[\x80-\uffff]/.test(value)) return false;
  if ((kind === 'key' || kind === 'secret') && isDense(value)) return true;
  if (/^[a-z]{4}(?: [a-z]{4}){3}$/.test(value)) return kind !== 'key' && wordShare(value) < 0.5;
  if (!value.startsWith('eyJ') && isReference(value)) return false;
  if (/\s/.test(value) && wordShare(value) >= 0.4) return false;
  if (kind === 'password') return isPasswordLike(value, least);
  if (uuid.test(value)) return false;
  if (kind === 'key') {
    const shape = shapeOf(value);
    if (shape.length < least || !/^[\w+/=.~-]+$/.test(value)) return false;
  }
  // `user:secret`: the user's name says nothing about the secret.
  const pair = kind === 'secret' ? /^[\w.@-]{1,40}:(?!\/)(\S{8,})$/.exec(value)?.[1] : undefined;
  return isRandom(pair ?? value, pair === undefined ? least : 8) || (kind === 'secret' && isMemorable(value));
}
