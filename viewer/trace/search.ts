/**
 * Finds spans by any text in them: name, component, layer, source, status, attribute names and values, events. All texts
 * stand once in one table: a word is looked for there, and spans are then found by code.
 */

import { spanIdOf } from '../../src/analyse/columns/span-at.ts';
import type { RunColumns } from '../../src/model/columns.ts';
import { CODED } from '../../src/model/columns.ts';
import type { SpanIndex } from './span-index.ts';
import { textsWith } from './text-search.ts';

/** 1 for the spans in which every word occurs somewhere, by position. Case is ignored. Undefined for an empty query. */
export function matchesOf(index: SpanIndex, query: string): Uint8Array | undefined {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  let found: Uint8Array | undefined;
  for (const word of words) {
    const mention = mentionsOf(index, word);
    if (found) for (let i = 0; i < found.length; i++) mention[i] = mention[i]! & found[i]!;
    found = mention;
  }
  return found;
}

function mentionsOf(index: SpanIndex, word: string): Uint8Array {
  const { columns } = index;
  const found = new Uint8Array(index.size);
  const texts = textsWith(columns.texts, word);
  markByColumns(columns, texts, word, found);
  markByAttributes(columns, texts, found);
  markRows(columns.messages.span, columns.messages.text, texts, found);
  markRows(columns.events.span, columns.events.name, texts, found);
  const byId = index.positionOf.get(word);
  if (byId !== undefined && spanIdOf(columns, byId) === word) found[byId] = 1;
  return found;
}

function markByColumns({ spans }: RunColumns, texts: Uint8Array, word: string, found: Uint8Array): void {
  const layers = Uint8Array.from(CODED.layer, (layer) => (layer.includes(word) ? 1 : 0));
  const statuses = Uint8Array.from(CODED.status, (status) => (status === word ? 1 : 0));
  const { name, component, source, layer, status } = spans;
  for (let i = 0; i < found.length; i++) {
    found[i] =
      texts[name[i]!]! |
      texts[component[i]!]! |
      texts[source[i]!]! |
      layers[layer[i]!]! |
      statuses[status[i]!]!;
  }
}

function markByAttributes(
  { spans, attributes, pairs }: RunColumns,
  texts: Uint8Array,
  found: Uint8Array,
): void {
  const pairFound = new Uint8Array(pairs.name.length);
  let any = 0;
  for (let p = 0; p < pairFound.length; p++) {
    pairFound[p] = texts[pairs.name[p]!]! | texts[pairs.value[p]!]!;
    any |= pairFound[p]!;
  }
  if (any === 0) return;
  let a = 0;
  for (let i = 0; i < found.length; i++) {
    let hit = 0;
    for (const end = spans.attributesEnd[i]!; a < end; a++) hit |= pairFound[attributes.pair[a]!]!;
    found[i] = found[i]! | hit;
  }
}

function markRows(spans: Int32Array, codes: Int32Array, texts: Uint8Array, found: Uint8Array): void {
  for (let row = 0; row < spans.length; row++) if (texts[codes[row]!]! === 1) found[spans[row]!] = 1;
}
