import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readLines, scoreBatches, shippedScanner } from './cases.ts';

const { scanner, secrets } = await shippedScanner();
const folder = join(import.meta.dirname, 'secrets');
const scores = scoreBatches(scanner, readLines(folder), (rule) => secrets.has(rule));
