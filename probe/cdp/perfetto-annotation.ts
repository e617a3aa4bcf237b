/**
 * Arguments of a Perfetto trace's events, as the JSON of the same trace has them. They come in two forms, an older one
 * for what Chromium itself puts together (`nested`), and one in which each entry is an annotation of its own.
 * https://github.com/google/perfetto/blob/v52.0/protos/perfetto/trace/track_event/debug_annotation.proto
 */
import type { PbfReader } from 'pbf';

/** Said once, and then by number. */
export interface Interned {
  readonly annotationNames: ReadonlyMap<number, string>;
  readonly strings: ReadonlyMap<number, string>;
}
export interface Annotation {
  readonly name: string;
  readonly value: unknown;
}

const FIELD = {
  ...{ nameId: 1, bool: 2, uint: 3, int: 4, double: 5, string: 6, nested: 8, json: 9 },
  ...{ name: 10, entry: 11, item: 12, stringId: 17 },
};
const NESTED = { key: 2, value: 3, item: 4, int: 5, double: 6, bool: 7, string: 8 };

export function annotationIn(reader: PbfReader, interned: Interned): Annotation {
  const end = reader.readVarint() + reader.pos;
  const read: { name: string; value: unknown } = { name: '', value: undefined };
  for (let field = reader.nextField(end); field !== 0; field = reader.nextField(end))
    if (field === FIELD.name) read.name = reader.readString();
    else if (field === FIELD.nameId) read.name = interned.annotationNames.get(reader.readVarint()) ?? '';
    else if (field === FIELD.string) read.value = reader.readString();
    else if (field === FIELD.stringId) read.value = interned.strings.get(reader.readVarint());
    else if (field === FIELD.int || field === FIELD.uint) read.value = reader.readVarint(field === FIELD.int);
    else if (field === FIELD.double) read.value = reader.readDouble();
    else if (field === FIELD.bool) read.value = reader.readBoolean();
    else if (field === FIELD.json) read.value = parsed(reader.readString());
    else if (field === FIELD.nested) read.value = nestedIn(reader);
    else if (field === FIELD.item) {
      read.value ??= [];
      (read.value as unknown[]).push(annotationIn(reader, interned).value);
    } else if (field === FIELD.entry) {
      const { name, value } = annotationIn(reader, interned);
      read.value ??= {};
      (read.value as Record<string, unknown>)[name] = value;
    }
  return read;
}

function nestedIn(reader: PbfReader): unknown {
  const end = reader.readVarint() + reader.pos;
  const keys: string[] = [];
  const values: unknown[] = [];
  const items: unknown[] = [];
  let value: unknown;
  for (let field = reader.nextField(end); field !== 0; field = reader.nextField(end))
    if (field === NESTED.key) keys.push(reader.readString());
    else if (field === NESTED.value) values.push(nestedIn(reader));
    else if (field === NESTED.item) items.push(nestedIn(reader));
    else if (field === NESTED.int) value = reader.readVarint(true);
    else if (field === NESTED.double) value = reader.readDouble();
    else if (field === NESTED.bool) value = reader.readBoolean();
    else if (field === NESTED.string) value = reader.readString();
  if (keys.length > 0) return Object.fromEntries(keys.map((key, i) => [key, values[i]]));
  return items.length > 0 ? items : value;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
