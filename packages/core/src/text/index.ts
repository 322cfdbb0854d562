export { findInvisible, type Invisible, type InvisibleKind, showInvisible } from './invisible.ts';
export { quietGitEnvironment, quietGitOptions } from './quiet-git.ts';
export { searchPath } from './search-path.ts';
