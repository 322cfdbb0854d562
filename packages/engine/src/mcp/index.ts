export { connectServer, type McpConnection, type McpTool } from './client.ts';
export {
  type DescriptionProblem,
  type DescriptionRule,
  descriptionProblems,
  readDescriptionRules,
} from './description.ts';
export { type SignInPorts, signIn } from './oauth.ts';
export { type SignInStore, signInStore } from './oauth-store.ts';
export { openInputPipe } from './pipe.ts';
export { type McpServer, readServer } from './server.ts';
export { toolName, toolsSubject } from './tools.ts';
export { confinedTransport, httpTransport, type StartConfined } from './transport.ts';
