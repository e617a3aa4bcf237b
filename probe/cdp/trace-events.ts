/** Reading the browser's trace events (perfetto-trace.ts), defensively: fields may be missing in any version. */
import { type Fields, isFields, numberOf, textOf } from '../../src/import/netlog/events.ts';

export const threadOf = (event: Fields): string => `${numberOf(event.pid)}:${numberOf(event.tid)}`;

export function dataOf(event: Fields): Fields {
  if (!isFields(event.args)) return {};
  if (isFields(event.args.data)) return event.args.data;
  return isFields(event.args.beginData) ? event.args.beginData : event.args;
}

export const frameOf = (event: Fields): string | undefined =>
  textOf(dataOf(event).frame) ?? textOf(isFields(event.args) ? event.args.frame : undefined);
