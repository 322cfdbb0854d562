export { type CredentialCheck, type CredentialFinding, checkAwsCredentials } from './aws.ts';
