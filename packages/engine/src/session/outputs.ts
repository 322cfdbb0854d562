/** Long outputs of a run, by number. Bounded: the oldest go first. */
export interface Outputs {
  keep: (text: string) => number;
  /** A running command's output, asked for each time. */
  follow: (read: () => string) => number;
  read: (id: number) => string | undefined;
}

const keptBytes = 20_000_000;

export function openOutputs(redact: (text: string) => string): Outputs {
  const kept = new Map<number, () => string>();
  const sizes = new Map<number, number>();
  let next = 1;
  const add = (read: () => string, bytes: number): number => {
    const id = next;
    next += 1;
    kept.set(id, read);
    sizes.set(id, bytes);
    let sum = [...sizes.values()].reduce((total, size) => total + size, 0);
    for (const [old, size] of sizes) {
      if (sum <= keptBytes || old === id) break;
      kept.delete(old);
      sizes.delete(old);
      sum -= size;
    }
    return id;
  };
  return {
    keep: (text) => {
      const clean = redact(text);
      return add(() => clean, clean.length);
    },
    follow: (read) => add(() => redact(read()), 0),
    read: (id) => kept.get(id)?.(),
  };
}
