import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';

/** What a program printed and ended with; never rejects. */
export interface Tried {
  ok: boolean;
  output: string;
  trouble: string;
}

/** Runs a program to its end without blocking; its environment is empty. */
export function tryProgram(program: string, args: readonly string[]): Promise<Tried> {
  return new Promise((resolve) => {
    execFile(program, args, { encoding: 'utf8', env: {}, timeout: 10_000 }, (error, output, errors) =>
      resolve({ ok: error === null, output, trouble: (errors || (error?.message ?? '')).trim() }),
    );
  });
}

/** That a backend worked here, remembered until the program, the kernel, the user or the boot is another. */
export interface Remembered {
  holds(): boolean;
  keep(): void;
  forget(): void;
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}

/**
 * Only successes are kept. A wrong one costs nothing but a command that fails: whoever starts a command on the word of this
 * file still confines it or runs nothing, and then forgets it. SECURITY: held by probe.test.ts.
 */
export function rememberedProbe(folder: string | undefined, name: string, programs: readonly string[]): Remembered {
  if (folder === undefined || programs.length === 0)
    return { holds: () => false, keep: () => undefined, forget: () => undefined };
  const file = join(folder, `works-${name}`);
  const key = () => {
    const facts = programs.map((path) => {
      const { size, mtimeMs, ctimeMs, ino } = statSync(path);
      return [path, size, mtimeMs, ctimeMs, ino];
    });
    const here = [facts, release(), bootId(), process.getuid?.(), process.arch];
    return createHash('sha256').update(JSON.stringify(here)).digest('hex');
  };
  return {
    holds: () => {
      try {
        return readFileSync(file, 'utf8') === key();
      } catch {
        return false;
      }
    },
    keep: () => {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(file, key(), { mode: 0o600 });
      } catch {
        // A folder that cannot be written: it is tried again next time.
      }
    },
    forget: () => rmSync(file, { force: true }),
  };
}
