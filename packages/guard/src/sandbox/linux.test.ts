import { sandboxes } from '../../../../test/support/sandboxes.ts';
import { sandboxContract } from './sandbox.contract.ts';

// The other backends and kinds of working copy run in test/e2e/sandbox.test.ts.
for (const subject of await sandboxes()) {
  if (subject.name === 'namespaces' && subject.copies === 'overlay') sandboxContract(subject);
}
