/** Problems shown of one file. */
const most = 5;

const scripts = /\.[cm]?[jt]sx?$/;
const languages: Record<string, 'js' | 'jsx' | 'ts' | 'tsx'> = {
  ts: 'ts',
  mts: 'ts',
  cts: 'ts',
  tsx: 'tsx',
  jsx: 'jsx',
};

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

async function scriptProblems(path: string, text: string): Promise<string[]> {
  const { parseSync } = await import('oxc-parser');
  const extension = path.slice(path.lastIndexOf('.') + 1);
  const lang = languages[extension] ?? 'jsx';
  const { errors } = parseSync(path, text, { lang });
  return errors
    .filter((error) => error.severity === 'Error')
    .slice(0, most)
    .map(({ message, labels }) => `${path}:${lineOf(text, labels[0]?.start ?? 0)}: ${message}`);
}

function jsonProblems(path: string, text: string): string[] {
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    return [`${path}: ${(error as Error).message}`];
  }
}

async function yamlProblems(path: string, text: string): Promise<string[]> {
  const { parseAllDocuments } = await import('yaml');
  const documents = parseAllDocuments(text, { logLevel: 'silent' });
  const errors = Array.isArray(documents) ? documents.flatMap((document) => document.errors) : [];
  return errors
    .slice(0, most)
    .map(({ message, linePos }) => `${path}:${linePos?.[0]?.line ?? 1}: ${message.split('\n')[0]}`);
}

/** JSON that may carry comments is nobody's plain JSON. */
const relaxedJson = /(^|\/)(tsconfig[\w.-]*|jsconfig|\.eslintrc|devcontainer)\.json$|(^|\/)\.vscode\//;

/**
 * What a parser says of a file's new text, so that the model hears of a broken file at once and not from a test. Syntax
 * only; a file of another language, or a parser that is not there, says nothing.
 */
export async function diagnose(path: string, text: string): Promise<string[]> {
  try {
    if (scripts.test(path)) return await scriptProblems(path, text);
    if (/\.json$/.test(path) && !relaxedJson.test(path)) return jsonProblems(path, text);
    if (/\.ya?ml$/.test(path)) return await yamlProblems(path, text);
  } catch {
    // A parser that fails has nothing to say; the scan of the change set reports its own gaps.
  }
  return [];
}
