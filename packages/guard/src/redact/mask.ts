const assignment = /^(\s*(?:export\s+)?)([A-Za-z_][\w.-]*)(\s*[=:]\s*)(.*)$/;
const authLine =
  /(?:_auth|_authToken|_password|npmAuthToken|npmAuthIdent|password|token|secret)\s*[=:]|:\/\/[^\s/]*:[^\s/]*@/i;

/**
 * A view of a `.env` file with names and comments' places but no values: what a model may know of it. Lines that are no
 * assignment are left out, because a value may run over several.
 */
export function maskEnv(text: string): string {
  const lines: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const match = assignment.exec(line);
    if (match) lines.push(`${match[1] ?? ''}${match[2] ?? ''}=`);
    else if (/^\s*$/.test(line)) lines.push('');
  }
  return `${lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

/** Settings of a package manager without the lines that carry credentials. */
function withoutAuth(text: string): string {
  return text
    .split('\n')
    .filter((line) => !authLine.test(line))
    .join('\n');
}

/** Git's configuration with user and password cut out of addresses, and without extra headers. */
function withoutUserInfo(text: string): string {
  return text
    .replaceAll(/(:\/\/)[^\s/@]+@/g, '$1')
    .replaceAll(/^\s*(?:extraheader|password|token|helper|oauth\w*)\s*=.*$/gim, '');
}

const masks: readonly [RegExp, (text: string) => string][] = [
  [/(?:^|\/)\.env[^/]*$|\.env$|(?:^|\/)\.(?:flaskenv|dev\.vars[^/]*)$/i, maskEnv],
  [/(?:^|\/)\.(?:npmrc|yarnrc(?:\.yml)?|pypirc)$/i, withoutAuth],
  [/(?:^|\/)\.git\/config$/, withoutUserInfo],
];

/** What a command may see in place of a secret file; an empty text where nothing of it is harmless. */
export function maskSecretFile(path: string, text: string): string {
  return masks.find(([pattern]) => pattern.test(path))?.[1](text) ?? '';
}
