export { compareAccess } from './access.ts';
export {
  ansiPaint,
  describeAccess,
  describeFile,
  describeFlag,
  describeHeld,
  type FileTexts,
  foldHeld,
  hunksOf,
  inRiskOrder,
  noPaint,
  type Paint,
  pieceOf,
  shown,
  sideBySide,
  unified,
} from './render.ts';
export { type ChangeReview, type ChangeReviewOptions, changeReview, ruleScanner } from './scan-change.ts';
export { fileTexts } from './texts.ts';
