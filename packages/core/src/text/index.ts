export { findInvisible, type Invisible, type InvisibleKind, showInvisible } from './invisible.ts';
