export { printable } from './names.ts';
export { isSameFile, openBeneath } from './open.ts';
export { absoluteOf, type PathContext, relativeTo, resolvePath } from './path.ts';
export { diskView, type FileStat, type FileView, type MergedTree, statOf, workingCopyView } from './view.ts';
