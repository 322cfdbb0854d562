import { randomBytes } from 'node:crypto';

export function inviteToken(): string {
  const token = Math.random().toString(36);
  return token;
}
