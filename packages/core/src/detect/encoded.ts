const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Decodes base64 and base64url without a platform function; undefined for anything else. One character per byte. */
export function decodeBase64(text: string): string | undefined {
  let bits = 0;
  let have = 0;
  let out = '';
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if (char === '=') break;
    const value = alphabet.indexOf(char === '-' ? '+' : char === '_' ? '/' : char);
    if (value < 0) return undefined;
    bits = (bits << 6) | value;
    have += 6;
    if (have >= 8) {
      have -= 8;
      out += String.fromCharCode((bits >> have) & 255);
      bits &= (1 << have) - 1;
    }
  }
  return out;
}

/** What `prefix` looks like at the start of base64: the characters that no following byte can change. */
export function base64Prefix(prefix: string): string {
  let bits = 0;
  let have = 0;
  let out = '';
  for (let i = 0; i < prefix.length; i += 1) {
    bits = ((bits << 8) | prefix.charCodeAt(i)) & 0xffff;
    have += 8;
    while (have >= 6) {
      have -= 6;
      out += alphabet[(bits >> have) & 63] ?? '';
    }
  }
  return out;
}

/** Undoes `%41`; what is no escape stays. */
export function decodePercent(text: string): string {
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

export interface Token {
  header: Record<string, unknown>;
  payload: Record<string, unknown>;
}

function jsonOf(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(decodeBase64(part) ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Header and payload of a JSON Web Token; undefined when either is not JSON. The signature is not looked at. */
export function readToken(text: string): Token | undefined {
  const [head, body] = text.split('.');
  const header = jsonOf(head ?? '');
  const payload = jsonOf(body ?? '');
  return header && payload ? { header, payload } : undefined;
}
