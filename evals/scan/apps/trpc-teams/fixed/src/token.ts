import { randomBytes } from 'node:crypto';

export function inviteToken(): string {
  const token = randomBytes(32).toString('hex');
  return token;
}
