export { findInvisible, type Invisible, type InvisibleKind, showInvisible } from './invisible.ts';
export { searchPath } from './search-path.ts';
