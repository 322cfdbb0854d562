export { type TypeCheck, type TypePorts, typeCheck } from './check.ts';
