import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

const BLOCK = 8;
const KEY_LENGTH = 32;
const COMMON = new Set(['password', 'password1', 'password123', '12345678', '123456789', 'qwertyuiop', 'iloveyou1']);

function derive(password: string, salt: Buffer, cost: number): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** cost, r: BLOCK, p: 1, maxmem: 256 * 2 ** cost * BLOCK };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_LENGTH, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** `scrypt$17$<salt>$<key>`: the parameters travel with the value, so they can be raised later. */
export async function hash(password: string, cost: number): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return ['scrypt', cost, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** Takes as long for an account that does not exist: a hash is computed either way. */
export async function matches(password: string, stored: string | undefined, cost: number): Promise<boolean> {
  const [, power, salt, key] = (stored ?? `scrypt$${cost}$AAAA$AAAA`).split('$');
  const expected = Buffer.from(key ?? '', 'base64url');
  const actual = await derive(password, Buffer.from(salt ?? '', 'base64url'), Number(power));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

export function strong(password: string): boolean {
  return [...password].length >= 8 && password.length <= 256 && !COMMON.has(password.toLowerCase());
}
