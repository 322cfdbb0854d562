import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { writeAtomic } from '@ambit/guard/state';

/** Contents by SHA-256, each stored once. */
export interface Blobs {
  put: (content: Uint8Array) => Promise<string>;
  get: (hash: string) => Promise<Uint8Array>;
}

export function openBlobs(folder: string): Blobs {
  const place = (hash: string) => join(folder, hash.slice(0, 2), hash.slice(2));
  return {
    put: async (content) => {
      const hash = createHash('sha256').update(content).digest('hex');
      const known = await stat(place(hash)).catch(() => undefined);
      if (known?.size !== content.length) await writeAtomic(place(hash), content);
      return hash;
    },
    get: async (hash) => {
      const content = await readFile(place(hash)).catch((error: unknown) => {
        throw damaged(place(hash), messageOf(error));
      });
      if (createHash('sha256').update(content).digest('hex') !== hash)
        throw damaged(place(hash), 'its content does not fit its name');
      return content;
    },
  };
}

function damaged(where: string, why: string): AmbitError {
  return new AmbitError('state.broken', `a kept content cannot be read: ${why}`, {
    where,
    hint: 'nothing was changed; other checkpoints may still be whole: ambit undo --list',
  });
}
