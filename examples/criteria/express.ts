import express, { type Express, type Request, type Response } from 'express';
import type { Context, Route, Routes } from './context.ts';

function cookieOf(request: Request): string | undefined {
  return /(?:^|;\s*)session=([^;]*)/.exec(request.headers.cookie ?? '')?.[1];
}

/** The routes as an Express application. */
export function expressApp(routes: Routes, context: Context, careful: boolean): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: careful ? '16kb' : '50mb' }));
  const serve = (route: Route) => async (request: Request, response: Response) => {
    const { origin, 'x-csrf-token': csrf } = request.headers;
    const headers = { origin, csrf: String(csrf ?? ''), session: cookieOf(request) };
    const answer = await route({ body: request.body as unknown, headers, client: request.ip ?? '' }, context);
    response.status(answer.status).set(answer.headers ?? {});
    if (answer.session)
      response.cookie('session', answer.session, careful ? { httpOnly: true, secure: true, sameSite: 'lax', path: '/' } : {});
    response.json(answer.body);
  };
  for (const name of ['signup', 'confirm', 'login', 'rename'] as const) app.post(`/${name}`, serve(routes[name]));
  app.get('/me', serve(routes.me));
  return app;
}
