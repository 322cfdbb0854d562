import { providerKinds } from './catalog.ts';
import type { LocalServer } from './select.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** `OLLAMA_HOST` may be a bare `host:port`, and 0.0.0.0 is where it listens, not where it is asked. */
export function localUrl(kind: { local?: string; baseUrlVariable?: string }, env: Environment): string | undefined {
  const set = kind.baseUrlVariable ? env[kind.baseUrlVariable] : undefined;
  if (!set) return kind.local;
  const url = set.includes('://') ? set : `http://${set}`;
  const bare = url.replace('//0.0.0.0', '//127.0.0.1').replace(/\/+$/, '');
  return bare.endsWith('/v1') ? bare : `${bare}/v1`;
}

/** The one function of the network that is needed here; `fetch` itself fits. */
export type Ask = (
  url: string,
  options: { signal: AbortSignal },
) => Promise<{ ok: boolean; json: () => Promise<unknown> }>;

async function modelsOf(url: string, ask: Ask): Promise<string[] | undefined> {
  try {
    // Loopback answers in a millisecond or not at all; half a second is for a busy machine.
    const answer = await ask(`${url}/models`, { signal: AbortSignal.timeout(500) });
    if (!answer.ok) return undefined;
    const body = (await answer.json()) as { data?: { id?: unknown }[] };
    if (!Array.isArray(body.data)) return undefined;
    return body.data.flatMap((entry) => (typeof entry.id === 'string' ? [entry.id] : []));
  } catch {
    return undefined;
  }
}

/** Ollama, llama.cpp and LM Studio where they usually listen, asked at the same time. */
export async function findLocalServers(env: Environment, ask: Ask): Promise<LocalServer[]> {
  const found = await Promise.all(
    providerKinds
      .filter((kind) => kind.local)
      .map(async (kind) => {
        const url = localUrl(kind, env);
        const models = url ? await modelsOf(url, ask) : undefined;
        return url && models ? { provider: kind.name, url, models } : undefined;
      }),
  );
  return found.filter((server) => server !== undefined);
}
