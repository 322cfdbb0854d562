// Prints failures, and skips with their reasons, as they come; ends with a machine-readable tally for scripts/test.ts.
import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { root } from './files.ts';

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  return cause.stack ?? cause.message;
}

async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  for await (const event of events) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { data } = event;
    if (data.details.type === 'suite') continue;
    const where = data.file ? `${relative(root, data.file)}:${data.line}` : '';
    if (data.skip !== undefined && data.skip !== false) {
      tally.skipped += 1;
      yield `skipped: ${data.name} (${data.skip === true ? 'no reason given' : data.skip})\n`;
    } else if (event.type === 'test:fail') {
      tally.failed += 1;
      yield `FAILED: ${where} ${data.name}\n${describe(event.data.details.error)}\n\n`;
    } else tally.passed += 1;
  }
  yield `#tally ${tally.passed} ${tally.failed} ${tally.skipped}\n`;
}

// biome-ignore lint/style/noDefaultExport: Node's test runner takes a reporter only as a default export
export default report;
