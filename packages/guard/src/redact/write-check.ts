import type { Redactor } from './redact.ts';

/** A secret that a write would put into a file. */
export interface SecretInWrite {
  what: string;
  line: number;
  /** Where it belongs instead, as one sentence. */
  instead: string;
}

const languages: readonly [RegExp, (name: string) => string][] = [
  [/\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/, (name) => `\`process.env.${name}\``],
  [/\.py$/, (name) => `\`os.environ["${name}"]\``],
  [/\.rb$/, (name) => `\`ENV.fetch("${name}")\``],
  [/\.go$/, (name) => `\`os.Getenv("${name}")\``],
  [/\.(?:java|kt|scala)$/, (name) => `\`System.getenv("${name}")\``],
  [/\.rs$/, (name) => `\`std::env::var("${name}")\``],
  [/\.php$/, (name) => `\`getenv('${name}')\``],
  [/\.cs$/, (name) => `\`Environment.GetEnvironmentVariable("${name}")\``],
  [/\.(?:ya?ml|toml|json|conf|ini|properties)$|Dockerfile|compose/, (name) => `a reference such as \`\${${name}}\``],
  [/\.tf$/, (name) => `\`var.${name.toLowerCase()}\` marked \`sensitive\``],
  [/\.(?:sh|bash|zsh)$|Makefile$/, (name) => `\`$${name}\``],
];

/** A variable's name out of the text before the value, else out of the rule. */
function nameFor(text: string, start: number, what: string): string {
  const before = text.slice(Math.max(0, start - 120), start);
  const named = /([A-Za-z_][\w-]{1,50})["'`]?\]?\s*[:=]+>?\s*["'`]?$/.exec(before)?.[1];
  return (named ?? what)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}

/**
 * Secrets that writing `content` would put into `path`; empty when there are none. The caller refuses the write and tells
 * the model `instead`.
 */
export function secretsInWrite(
  path: string,
  content: string | Uint8Array,
  redactor: Redactor,
  language?: string,
): SecretInWrite[] {
  const text = typeof content === 'string' ? content : Buffer.from(content).toString('latin1');
  const file = language === undefined ? { path } : { path, language };
  return redactor.places(text, file).map(({ what, start }) => {
    const name = nameFor(text, start, what);
    const reference =
      languages.find(([pattern]) => pattern.test(path))?.[1](name) ?? `the environment variable \`${name}\``;
    return {
      what,
      line: text.slice(0, start).split('\n').length,
      instead: `put the value into a secrets manager, or into the environment (a \`.env\` that git ignores, filled in by a person), and use ${reference} here`,
    };
  });
}
