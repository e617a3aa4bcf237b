/**
 * The witness that looks through what else arrived while the run was on, for servers that spoke of its requests
 * without knowing its trace (see stitch/adopt.ts).
 */
import type { ReportedSpan } from '../model/span.ts';
import { adopted, isStranger, requestByStranger } from '../stitch/adopt.ts';
import type { Store } from '../store/store.ts';
import type { Testimony, Witness } from './witness.ts';

/** A busy site's servers send far more than one run; what is beyond this many batches a look is not looked at. */
const MAX_CHUNKS = 20_000;

export function strangersIn(store: Pick<Store, 'lastChunk' | 'spansSince' | 'spans'>): Witness {
  let seen = 0;
  let strangers: ReportedSpan[] = [];
  const parentOf = new Map<string, { stranger: ReportedSpan; request: ReportedSpan }>();
  return {
    name: 'traces of their own',
    async begin() {
      seen = store.lastChunk();
    },
    async ask(traceId): Promise<Testimony> {
      const arrived = store.spansSince(seen, MAX_CHUNKS);
      if (arrived.lastChunk === seen) return NOTHING;
      seen = arrived.lastChunk;
      const others = arrived.spans.filter((span) => span.traceId !== traceId);
      const known = others.filter((span) => parentOf.has(span.traceId));
      strangers.push(...others.filter((span) => isStranger(span) && !parentOf.has(span.traceId)));
      const own = store.spans(traceId);
      const found = [...requestByStranger(own, strangers)];
      for (const [stranger, request] of found) parentOf.set(stranger.traceId, { stranger, request });
      strangers = strangers.filter((span) => !parentOf.has(span.traceId));
      const whole = found.flatMap(([stranger]) => store.spans(stranger.traceId));
      return { spans: [...known, ...whole].map(adopt), warnings: [] };
    },
  };

  function adopt(span: ReportedSpan): ReportedSpan {
    const { stranger, request } = parentOf.get(span.traceId)!;
    return adopted(span, stranger, request);
  }
}

const NOTHING: Testimony = { spans: [], warnings: [] };
