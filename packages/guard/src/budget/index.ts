export { createSpending, type Spending, spent } from './budget.ts';
