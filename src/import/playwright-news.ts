/** What the page said of itself in a Playwright trace: console errors and warnings, exceptions, load events, dialogs. */
import { present } from '../model/attributes.ts';
import type { Attributes, ReportedEvent } from '../model/span.ts';
import { isObject, type Json, text } from './json-value.ts';
import { firstLine, type PlaywrightContext } from './playwright-context.ts';
import { shortUrl } from './url-parts.ts';

/** Names of the events, as the probe's page recorder has them. */
const EVENT_BY_CONSOLE: Readonly<Record<string, string>> = {
  error: 'consoleError',
  assert: 'consoleError',
  warning: 'consoleWarning',
};

/** Before version 5 a message stands apart, and the event names it. */
export function pageNews(context: PlaywrightContext): ReportedEvent[] {
  const messageByGuid = new Map<string, Json>();
  for (const line of context.lines)
    if (line.type === 'object' && line.class === 'ConsoleMessage' && isObject(line.initializer))
      messageByGuid.set(text(line.guid), line.initializer);
  return context.lines.flatMap((line) => {
    const news =
      line.type === 'console' ? consoleNews(line, line.messageType) : eventNews(line, messageByGuid);
    const timeUnixNano = news && context.unixNano(line.time);
    return timeUnixNano === undefined ? [] : { ...news!, timeUnixNano };
  });
}

type News = Pick<ReportedEvent, 'name' | 'attributes'>;

function consoleNews(message: Json, type: unknown): News | undefined {
  const name = EVENT_BY_CONSOLE[text(type)];
  if (!name) return undefined;
  const location = isObject(message.location) ? message.location : {};
  const line = Number(text(location.lineNumber));
  return {
    name,
    attributes: present({
      message: firstLine(text(message.text)),
      'code.file.path': text(location.url) ? shortUrl(text(location.url)) : undefined,
      'code.line.number': text(location.url) && Number.isFinite(line) ? line + 1 : undefined,
    }),
  };
}

function eventNews(line: Json, messageByGuid: ReadonlyMap<string, Json>): News | undefined {
  if (line.type !== 'event' || !isObject(line.params)) return undefined;
  const { params } = line;
  if (line.method === 'console') {
    const guid = isObject(params.message) ? text(params.message.guid) : '';
    const message = messageByGuid.get(guid);
    return message && consoleNews(message, message.type);
  }
  if (line.method === 'pageError') return { name: 'exception', attributes: exceptionOf(params) };
  if (line.method === 'loadstate') return loadState(params.add);
  return undefined;
}

function loadState(state: unknown): News | undefined {
  if (state === 'load') return { name: 'load', attributes: {} };
  return state === 'domcontentloaded' ? { name: 'domContentLoaded', attributes: {} } : undefined;
}

/** Names of OpenTelemetry's exception attributes. */
function exceptionOf(params: Json): Attributes {
  const outer = isObject(params.error) ? params.error : {};
  const error = isObject(outer.error) ? outer.error : outer;
  return {
    'exception.type': text(error.name) || 'Error',
    'exception.message': firstLine(text(error.message)),
  };
}
