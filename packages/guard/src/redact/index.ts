export { credentialFiles, knownFileSecrets, secretsOfFile } from './files.ts';
export { type HistoryPlace, historySecrets } from './history.ts';
export { environmentSecrets, isSecretVariable, type KnownSecret } from './known.ts';
export { maskEnv, maskSecretFile } from './mask.ts';
export { createRedactor, type Redacted, type RedactingStream, type Redactor, type SecretPlace } from './redact.ts';
export { type SecretInWrite, secretsInWrite } from './write-check.ts';
