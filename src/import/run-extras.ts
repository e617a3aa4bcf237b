/** What a file that Headwater wrote tells of a run beside its spans. It may have been changed on the way: nothing is believed. */
import { isTraceId } from '../model/ids.ts';
import type { RunExtras } from '../model/run-extras.ts';
import type { Warning } from '../model/span.ts';
import { isObject, type Json, objects, text } from './json-value.ts';

/** Undefined when it is none. */
export function runExtrasOf(json: string): RunExtras | undefined {
  const said = parsed(json);
  if (!isObject(said) || !isTraceId(said.traceId)) return undefined;
  return {
    traceId: said.traceId,
    ...(typeof said.error === 'string' && { error: said.error }),
    overhead: entriesOf(said.overhead, (value) => typeof value === 'number' && Number.isFinite(value)),
    warnings: objects(said.warnings).flatMap(warningOf),
    files: entriesOf(said.files, (value) => typeof value === 'string'),
  };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function warningOf(said: Json): Warning[] {
  const [code, where, message] = [text(said.code), text(said.where), text(said.message)];
  return code && message ? [{ code, where, message }] : [];
}

const entriesOf = <T>(said: unknown, fits: (value: unknown) => boolean): Record<string, T> =>
  Object.fromEntries(Object.entries(isObject(said) ? said : {}).filter(([, value]) => fits(value))) as Record<
    string,
    T
  >;
