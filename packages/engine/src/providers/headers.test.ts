import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LeanHeaders } from './headers.ts';

const names = fc.constantFrom(
  'Accept',
  'accept',
  'X-Api-Key',
  'x-api-key',
  'User-Agent',
  'content-type',
  'Zulu',
  'a b',
  '',
  'ä',
);
const values = fc.oneof(
  fc.constantFrom('', ' padded\t', 'one', 'two, three', 'lf\nin', 'cr\r', 'nul\0', 'latin é', 'wide ü€'),
  fc.string(),
);
const step = fc.oneof(
  fc.record({ do: fc.constantFrom('append', 'set'), name: names, value: values }),
  fc.record({ do: fc.constantFrom('delete', 'get', 'has'), name: names }),
);

type Step = { do: string; name: string; value?: string };

function play(headers: Headers | LeanHeaders, steps: readonly Step[]): unknown[] {
  return steps.map((one) => {
    try {
      if (one.do === 'append') return headers.append(one.name, one.value ?? '');
      if (one.do === 'set') return headers.set(one.name, one.value ?? '');
      if (one.do === 'delete') return headers.delete(one.name);
      return one.do === 'get' ? headers.get(one.name) : headers.has(one.name);
    } catch (error) {
      return error instanceof TypeError ? 'TypeError' : error;
    }
  });
}

describe('headers of a provider package', () => {
  it("do what Node's do", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const [lean, real] = [new LeanHeaders(), new Headers()];
        assert.deepEqual(play(lean, steps), play(real, steps));
        assert.deepEqual([...lean], [...real]);
        assert.deepEqual([...lean.keys()], [...real.keys()]);
        assert.deepEqual([...lean.values()], [...real.values()]);
        const seen: unknown[] = [];
        lean.forEach((value, name) => {
          seen.push([name, value]);
        });
        assert.deepEqual(seen, [...real]);
      }),
    );
  });

  it('are made from records, pairs and each other', () => {
    const record = { B: '2', a: '1' };
    assert.deepEqual([...new LeanHeaders(record)], [...new Headers(record)]);
    const pairs: [string, string][] = [
      ['a', '1'],
      ['A', '2'],
    ];
    assert.deepEqual([...new LeanHeaders(pairs)], [...new Headers(pairs)]);
    assert.deepEqual([...new LeanHeaders(new LeanHeaders(record))], [...new Headers(new Headers(record))]);
    assert.deepEqual([...new LeanHeaders(undefined)], []);
  });

  it('never show a value that they refuse', () => {
    assert.throws(
      () => new LeanHeaders({ authorization: 'Bearer abc\ndef' }),
      (error: Error) => !error.message.includes('abc'),
    );
  });
});
