// Drives a real terminal (tmux) and reads its screen.
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export function tmuxMissing(): string | undefined {
  return spawnSync('tmux', ['-V']).status === 0 ? undefined : 'tmux is not installed';
}

export interface Screen {
  /** Keys by tmux's names (`Enter`, `C-c`), or text with `type`. */
  keys: (...keys: string[]) => void;
  type: (text: string) => void;
  /** Pastes as a terminal does, bracketed where the program asked for it. */
  paste: (text: string) => void;
  resize: (columns: number, rows: number) => void;
  text: () => string;
  /** The visible rows alone, with their escape sequences. */
  raw: () => string;
  /** Waits until the screen (with its scrollback) shows the text; fails with the screen. */
  shows: (wanted: string | RegExp, seconds?: number) => Promise<string>;
  close: () => void;
}

const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/** Opens a terminal of its own that runs one command in `cwd` with exactly this environment. */
export function openScreen(
  command: readonly string[],
  options: { cwd: string; env: Record<string, string>; columns?: number; rows?: number },
): Screen {
  const socket = `ambit-${randomBytes(6).toString('hex')}`;
  const tmux = (...args: string[]) => execFileSync('tmux', ['-L', socket, ...args], { encoding: 'utf8' });
  const assignments = Object.entries(options.env).map(([name, value]) => `${name}=${quote(value)}`);
  // A late Ctrl-C reaches the shell that waits; it must not take the screen away.
  const line = `trap : INT; env -i ${assignments.join(' ')} ${command.map(quote).join(' ')}; echo "EXIT $?"; while :; do sleep 600; done`;
  const size = ['-x', String(options.columns ?? 100), '-y', String(options.rows ?? 40)];
  tmux('-f', '/dev/null', 'new-session', '-d', ...size, '-c', options.cwd, line);
  const text = () => tmux('capture-pane', '-p', '-J', '-S', '-500');
  return {
    keys: (...keys) => void tmux('send-keys', ...keys),
    type: (typed) => void tmux('send-keys', '-l', typed),
    paste: (pasted) => {
      execFileSync('tmux', ['-L', socket, 'load-buffer', '-b', 'p', '-'], { input: pasted });
      tmux('paste-buffer', '-p', '-b', 'p');
    },
    resize: (columns, rows) => void tmux('resize-window', '-x', String(columns), '-y', String(rows)),
    text,
    raw: () => tmux('capture-pane', '-p', '-e'),
    shows: async (wanted, seconds = 40) => {
      for (const until = Date.now() + seconds * 1_000; Date.now() < until; await sleep(100)) {
        const now = text();
        if (typeof wanted === 'string' ? now.includes(wanted) : wanted.test(now)) return now;
      }
      throw new Error(`the screen never showed ${String(wanted)}:\n${text()}`);
    },
    close: () => void spawnSync('tmux', ['-L', socket, 'kill-server']),
  };
}
