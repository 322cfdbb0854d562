import { createCookieSessionStorage } from '@remix-run/node';

export const sessionStorage = createCookieSessionStorage({
  cookie: { name: 'session', httpOnly: true, secure: true, sameSite: 'lax', secrets: [process.env.SESSION_SECRET!] },
});

export async function login(email: string, password: string) {
  return null;
}
