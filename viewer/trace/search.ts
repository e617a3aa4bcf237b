/** Finds spans by any text in them: name, component, source, status message, attribute names and values. */
import type { Span } from '../../src/model/trace.ts';

export type Matcher = (span: Span) => boolean;

/** Every word must occur somewhere in the span. Case is ignored. Undefined for an empty query. */
export function matcherOf(query: string): Matcher | undefined {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return undefined;
  return (span) => words.every((word) => mentions(span, word));
}

function mentions(span: Span, word: string): boolean {
  if (holds(span.name, word) || holds(span.component, word) || holds(span.layer, word)) return true;
  if (holds(span.source, word) || span.spanId === word || holds(span.status.message ?? '', word)) return true;
  if (span.status.code === word) return true;
  for (const name in span.attributes) {
    if (holds(name, word) || holds(String(span.attributes[name]), word)) return true;
  }
  return span.events.some((event) => holds(event.name, word));
}

const holds = (text: string, word: string): boolean => text.toLowerCase().includes(word);
