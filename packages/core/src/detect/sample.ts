const alphabets: Readonly<Record<string, string>> = {
  hex: '0123456789abcdef',
  HEX: '0123456789ABCDEF',
  digits: '0123456789',
  lower: 'abcdefghijklmnopqrstuvwxyz',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  lowernum: 'abcdefghijklmnopqrstuvwxyz0123456789',
  uppernum: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  base32: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
  alnum: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  base64: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  base64url: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
};

function encode(text: string, url: boolean): string {
  const alphabet = alphabets[url ? 'base64url' : 'base64'] ?? '';
  let out = '';
  for (let i = 0; i < text.length; i += 3) {
    const bytes = [0, 1, 2].map((k) => text.charCodeAt(i + k) || 0);
    const bits = ((bytes[0] ?? 0) << 16) | ((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0);
    const digits = Math.min(4, text.length - i + 1);
    for (let k = 0; k < digits; k += 1) out += alphabet[(bits >> (18 - 6 * k)) & 63] ?? '';
    if (!url) out += '='.repeat(4 - digits);
  }
  return out;
}

function uuid(hex: (length: number) => string): string {
  return [hex(8), hex(4), hex(4), hex(4), hex(12)].join('-');
}

/**
 * Fills the places of a sample: `{{hex:32}}` (and the other alphabets above), `{{uuid}}`, `{{b64:…}}` and `{{b64url:…}}`
 * of a text that may hold places itself. Same seed, same text.
 */
export function fillSample(sample: string, seed = 1): string {
  let state = seed;
  const next = (below: number) => {
    // Linear congruential, constants of Numerical Recipes: samples need variety, not secrecy.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
  const pick = (letters: string, length: number) =>
    Array.from({ length }, () => letters[next(letters.length)] ?? '').join('');
  const fill = (text: string): string =>
    text
      .replaceAll(/\{\{(\w+):(\d+)\}\}/g, (whole, name: string, length: string) => {
        const letters = alphabets[name];
        return letters === undefined ? whole : pick(letters, Number(length));
      })
      .replaceAll(/\{\{uuid\}\}/g, () => uuid((length) => pick(alphabets['hex'] ?? '', length)))
      .replaceAll(/\{\{(b64|b64url):((?:(?!\}\}(?!\})).)*)\}\}/gs, (_, kind: string, inner: string) =>
        encode(inner, kind === 'b64url'),
      );
  return fill(sample);
}
