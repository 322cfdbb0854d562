import type { Context, Route, Routes } from './context.ts';

/** A route handler as a file `app/<name>/route.ts` exports it. */
type Handler = (request: Request) => Promise<Response>;

/** The routes as Next.js route handlers: `handlers.signup.POST` is what `app/signup/route.ts` exports. */
export function nextHandlers(routes: Routes, context: Context, careful: boolean) {
  const serve =
    (route: Route): Handler =>
    async (request) => {
      const text = request.method === 'GET' ? '{}' : await request.text();
      if (careful && text.length > 16_384) return new Response(null, { status: 413 });
      const headers = {
        origin: request.headers.get('origin') ?? undefined,
        csrf: request.headers.get('x-csrf-token') ?? undefined,
        session: /(?:^|;\s*)session=([^;]*)/.exec(request.headers.get('cookie') ?? '')?.[1],
      };
      const client = request.headers.get('x-real-ip') ?? '';
      const answer = await route({ body: JSON.parse(text) as unknown, headers, client }, context);
      const response = new Headers(answer.headers);
      const flags = careful ? '; Path=/; HttpOnly; Secure; SameSite=Lax' : '';
      if (answer.session) response.append('set-cookie', `session=${answer.session}${flags}`);
      return new Response(answer.status === 204 ? null : JSON.stringify(answer.body), { status: answer.status, headers: response });
    };
  return {
    signup: { POST: serve(routes.signup) },
    confirm: { POST: serve(routes.confirm) },
    login: { POST: serve(routes.login) },
    rename: { POST: serve(routes.rename) },
    me: { GET: serve(routes.me) },
  };
}
