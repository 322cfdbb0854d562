import type { Program } from '../syntax/tree.ts';
import { evaluate } from './expression.ts';
import { inline, invoke, runPending } from './functions.ts';
import { type Machine, makeMachine, type Observer } from './machine.ts';
import type { Models } from './models.ts';
import { execute, runProgram } from './statement.ts';

/** Reads a whole file and tells `observer` what happens in it. */
export function readProgram(input: {
  models: Models;
  path: string;
  text: string;
  program: Program;
  observer: Observer;
}): Machine {
  const machine = makeMachine(input, { evaluate, execute, invoke, inline });
  runProgram(machine, input.program.body);
  runPending(machine);
  return machine;
}
