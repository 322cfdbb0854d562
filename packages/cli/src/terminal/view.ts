export type Tone = 'normal' | 'quiet' | 'good' | 'bad' | 'warning' | 'strong';

export interface Choice {
  /** One letter, typed or shown. */
  key: string;
  label: string;
}

/** What a person sees and says. Two of them: a drawn one and a plain one for screen readers, pipes and dumb terminals. */
export interface View {
  /** Begins to take input. `onLine` gets whole submitted texts, `onInterrupt` each Ctrl-C. */
  start: (onLine: (text: string) => void, onInterrupt: () => void) => void;
  line: (text: string, tone?: Tone) => void;
  /** A piece of the model's answer as it comes; Markdown. */
  delta: (text: string) => void;
  /** The answer is complete. */
  endMessage: () => void;
  /** One short line that replaces the last one: what is going on, what it has cost. */
  status: (text: string, busy: boolean) => void;
  /** Asks for one of the choices; resolves to its key. The last choice is the answer of Escape and Ctrl-C. */
  choose: (title: readonly string[], choices: readonly Choice[]) => Promise<string>;
  /** Asks for words. Empty when the person leaves. */
  ask: (question: string) => Promise<string>;
  /** Lines that stay beside the conversation, for this many columns and rows; undefined takes them away. */
  pane: (lines: ((columns: number, rows: number) => string[]) | undefined) => void;
  /** Takes earlier prompts, oldest first, for the arrow keys. */
  history: (prompts: readonly string[]) => void;
  /** Puts words where the person types, to be changed and sent. */
  draft: (text: string) => void;
  /** The screen is drawn anew after `suspend`: what was written meanwhile must be said again to stay. */
  redraws: boolean;
  /** Gives the terminal to something else meanwhile. */
  suspend: <T>(work: () => Promise<T>) => Promise<T>;
  stop: () => Promise<void>;
}
