import { describe, expect, it } from 'vitest';
import { formatOf, readAs } from '../../src/import/formats.ts';
import { readTempoJson } from '../../src/import/tempo-json.ts';
import { checkImport, fixture, fixturesOf } from './check-import.ts';

const read = (name: string) => readTempoJson(fixture('tempo', name).toString());

describe.each(fixturesOf('tempo'))('%s', (name) => {
  it('is read', () => checkImport('tempo', name, read(name)));
  it('is recognised without its name', () => {
    const bytes = fixture('tempo', name);
    const format = formatOf(bytes);
    expect(format?.name).toBe('Tempo JSON');
    expect(readAs(format!, bytes, {})).toEqual(read(name));
  });
});

it('is the same from both of its addresses, old names or new', () => {
  const { spans } = read('v1-batches.json');
  expect(spans).toMatchObject([
    {
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      parentSpanId: 'b7ad6b7169203331',
      kind: 'server',
      source: 'otlp',
      startUnixNano: 1795333153872950123n,
      links: [{ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }],
    },
  ]);
  expect(read('v2-trace.json').spans).toEqual(spans);
  expect(read('old-names.json').spans).toEqual(spans);
});

it('passes on that Tempo cut a trace', () => {
  expect(read('v2-trace.json').warnings).toEqual([
    { code: 'tempo.message', where: 'tempo', message: 'Tempo says: trace exceeds max size (5000000)' },
  ]);
});
