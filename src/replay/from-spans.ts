/**
 * Spans of a trace → the path that somebody walked. What is there decides, the best first:
 *
 * | the trace has                    | becomes                                                     |
 * |----------------------------------|-------------------------------------------------------------|
 * | actions (own runs, trace.zip)     | the same steps and actions; requests are left to the page   |
 * | documents (HAR, NetLog)           | each page that was opened by hand, not by another            |
 * | requests or servers' spans only   | the outermost HTTP exchanges, one by one                     |
 *
 * Typed text is never in spans, bodies hardly ever: they are named values, to be supplied.
 */
import { HEADWATER } from '../model/attributes.ts';
import type { ReportedSpan } from '../model/span.ts';
import { ActionReader } from './action-reader.ts';
import { atBase, originOf, pathOf } from './addresses.ts';
import { knownConditions } from './known-conditions.ts';
import { NamedValues } from './named-values.ts';
import {
  isSafe,
  type LeftOut,
  type RecordedAction,
  type RecordedStep,
  type Recording,
  RecordingError,
} from './recording.ts';
import { ACTION_TARGET, addressOf, byStart, methodOf, RESOURCE_TYPE, textAt, typeOf } from './span-facts.ts';

/** More than this is load, not a path that somebody walked. */
const MOST_EXCHANGES = 50;

/** @throws RecordingError with a sentence, when nothing of it can be walked */
export function recordingFromSpans(spans: readonly ReportedSpan[], name: string, from: string): Recording {
  return new SpanReader(spans).recording(name, from);
}

class SpanReader {
  readonly #spans: readonly ReportedSpan[];
  readonly #requests: readonly ReportedSpan[];
  readonly #values = new NamedValues();
  readonly #leftOut: LeftOut[] = [];
  #origin: string | undefined;

  constructor(spans: readonly ReportedSpan[]) {
    this.#spans = [...new Map(spans.map((span) => [`${span.spanId}/${span.kind}`, span])).values()].sort(
      byStart,
    );
    this.#requests = this.#spans.filter((span) => typeOf(span) === 'request');
  }

  recording(name: string, from: string): Recording {
    const documents = this.#openedDocuments();
    const first = documents[0] ?? this.#requests[0] ?? this.#exchanges()[0];
    this.#origin = (first && originOf(addressOf(first) ?? '')) ?? this.#firstOpened();
    const actions = this.#spans.filter((span) => typeOf(span) === 'action' && isCall(span));
    const steps =
      actions.length > 0
        ? this.#fromActions(actions)
        : documents.length > 0
          ? this.#fromDocuments(documents)
          : this.#fromExchanges();
    if (steps.every((step) => step.actions.length === 0)) throw new RecordingError(this.#whyNothing());
    return {
      name,
      from,
      ...(this.#origin === undefined ? {} : { baseUrl: this.#origin }),
      steps: steps.filter((step) => step.actions.length > 0),
      conditions: knownConditions(this.#spans, this.#requests),
      leftOut: this.#leftOut,
      missing: this.#values.missing,
      secrets: this.#values.secrets,
    };
  }

  #whyNothing(): string {
    const [first] = this.#leftOut;
    if (first) return `Nothing of it can be replayed: ${first.what}: ${first.why}.`;
    return 'Nothing of it can be replayed: it has no action, no page and no HTTP request whose address is known.';
  }

  #firstOpened(): string | undefined {
    const goto = this.#spans.find((span) => typeOf(span) === 'action' && span.name.endsWith('.goto'));
    return goto && originOf(textAt(goto, ACTION_TARGET) ?? '');
  }

  // --- actions

  #fromActions(actions: readonly ReportedSpan[]): RecordedStep[] {
    const stepSpans = new Map(
      this.#spans.filter((span) => typeOf(span) === 'step').map((span) => [span.spanId, span]),
    );
    const steps: { name: string; actions: RecordedAction[]; unsafe: string[] }[] = [];
    const reader = new ActionReader(this.#values, this.#leftOut, this.#origin);
    let current: string | undefined;
    for (const [i, action] of actions.entries()) {
      const step = stepSpans.get(action.parentSpanId ?? '');
      const title = step?.name ?? 'Walk';
      if (steps.length === 0 || current !== (step?.spanId ?? ''))
        steps.push({ name: title, actions: [], unsafe: [] });
      current = step?.spanId ?? '';
      steps.at(-1)!.actions.push(...reader.read(action, title));
      steps.at(-1)!.unsafe.push(...this.#unsafeDuring(action, actions[i + 1]));
    }
    return steps.map(({ unsafe, ...step }) => ({ ...step, ...(unsafe.length > 0 ? { unsafe } : {}) }));
  }

  /** Requests that change something, sent after an action began and before the next one did. */
  #unsafeDuring(action: ReportedSpan, next: ReportedSpan | undefined): string[] {
    return this.#requests
      .filter((request) => !isSafe(methodOf(request)) && textAt(request, RESOURCE_TYPE) !== 'ping')
      .filter(
        ({ startUnixNano }) =>
          startUnixNano >= action.startUnixNano && (!next || startUnixNano < next.startUnixNano),
      )
      .map((request) => `${methodOf(request)} ${pathOf(addressOf(request) ?? '')}`);
  }

  // --- pages

  /** Not a frame's, not a redirect's, not by a link that only a click would follow: those name who asked for them. */
  #openedDocuments(): ReportedSpan[] {
    return this.#requests.filter((request) => {
      const isDocument = textAt(request, RESOURCE_TYPE) === 'document';
      const isHop = Number(request.attributes['http.request.resend_count'] ?? 0) > 0;
      const initiator = textAt(request, HEADWATER.initiator);
      const byPage = initiator !== undefined && !BY_PERSON.has(initiator);
      return isDocument && !isHop && !byPage && addressOf(request) !== undefined;
    });
  }

  #fromDocuments(documents: readonly ReportedSpan[]): RecordedStep[] {
    const byScripts = this.#requests.filter(
      (request) =>
        !documents.includes(request) &&
        !isSafe(methodOf(request)) &&
        textAt(request, RESOURCE_TYPE) !== 'ping' &&
        originOf(addressOf(request) ?? '') === this.#origin,
    );
    for (const what of new Set(byScripts.map((span) => `${methodOf(span)} ${pathOf(addressOf(span)!)}`)))
      this.#leave(
        what,
        'a page sent it, perhaps for a click, which the recording does not hold',
        'a recording of what was done gives it: a trace ID, a Recorder JSON',
      );
    return documents.map((document) => this.#fromDocument(document));
  }

  #fromDocument(span: ReportedSpan): RecordedStep {
    const address = addressOf(span)!;
    const method = methodOf(span);
    const name = `Open ${pathOf(address)}`;
    const url = atBase(this.#values.address(address), this.#origin);
    if (method === 'GET') return { name, actions: [{ do: 'open', url }] };
    return this.#exchangeStep(span, address, method);
  }

  // --- exchanges

  #exchanges(): ReportedSpan[] {
    const bySpanId = new Map(this.#spans.map((span) => [span.spanId, span]));
    const isHttp = (span: ReportedSpan): boolean =>
      (textAt(span, 'http.request.method') ?? textAt(span, 'http.method')) !== undefined;
    const isInside = (span: ReportedSpan): boolean => {
      const seen = new Set<string>();
      for (
        let at = bySpanId.get(span.parentSpanId ?? '');
        at && !seen.has(at.spanId);
        at = bySpanId.get(at.parentSpanId ?? '')
      ) {
        if (isHttp(at)) return true;
        seen.add(at.spanId);
      }
      return false;
    };
    return this.#spans.filter(
      (span) =>
        isHttp(span) &&
        !isInside(span) &&
        textAt(span, RESOURCE_TYPE) !== 'preflight' &&
        methodOf(span) !== 'OPTIONS',
    );
  }

  #fromExchanges(): RecordedStep[] {
    const all = this.#exchanges();
    const pageless = all.filter((span) => {
      const initiator = textAt(span, HEADWATER.initiator);
      return initiator === undefined || BY_PERSON.has(initiator);
    });
    const known = (pageless.length > 0 ? pageless : all).filter(
      (span) => addressOf(span) !== undefined || this.#leaveUnknown(span),
    );
    if (known.length > MOST_EXCHANGES)
      this.#leave(
        `${known.length - MOST_EXCHANGES} more requests`,
        `only the first ${MOST_EXCHANGES} are replayed`,
      );
    return known
      .slice(0, MOST_EXCHANGES)
      .map((span) => this.#exchangeStep(span, addressOf(span)!, methodOf(span)));
  }

  #leaveUnknown(span: ReportedSpan): false {
    this.#leave(span.name, 'its address is not known');
    return false;
  }

  #exchangeStep(span: ReportedSpan, address: string, method: string): RecordedStep {
    const name = `${method} ${pathOf(address)}`;
    const url = atBase(this.#values.address(address), this.#origin);
    const hasBody =
      Number(span.attributes['http.request.body.size'] ?? 0) > 0 || /^(POST|PUT|PATCH)$/.test(method);
    const type = textAt(span, 'http.request.header.content-type');
    const headers = [
      ...(type ? [['content-type', [type]] as const] : []),
      ...(textAt(span, 'http.request.header.authorization')
        ? [['authorization', this.#values.named('authorization')] as const]
        : []),
    ];
    const body = hasBody ? { body: this.#values.named(`body ${name}`) } : {};
    if (hasBody) this.#leave(`the body of ${name}`, 'the recording does not hold it', '--set gives it');
    return {
      name,
      actions: [{ do: 'request', exchange: { method, url, headers, ...body } }],
      ...(isSafe(method) ? {} : { unsafe: [name] }),
    };
  }

  #leave(what: string, why: string, supply?: string): [] {
    this.#leftOut.push({ what, why, ...(supply ? { supply } : {}) });
    return [];
  }
}

/** Words for "no page asked for it": the address bar, a person, or nobody knows. */
const BY_PERSON = new Set(['user', 'other', 'navigation', 'address bar']);
/** `page.goto`, `expect.toHaveText`: calls of a journey, not hooks and fixtures of a test runner. */
const CALL = /^[a-z]\w*\.\w+$/i;
/** An exchange of its own is told by its request. */
const isCall = ({ name }: ReportedSpan): boolean => CALL.test(name) && name !== 'page.request';
