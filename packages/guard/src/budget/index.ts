export { createSpending, type Spending, spent } from './budget.ts';
export { type SharedSpending, shareSpending } from './shared.ts';
