export { type Given, grantsOf, type KeptGrant, keepGrants, readGrants, revokeGrant } from './grants.ts';
