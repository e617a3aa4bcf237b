/**
 * What each run paid for its connections: a look-up, a connect or a handshake belongs to the request that waited for
 * it, and the next ones ride for free. By host, not by request: which of thirty pictures pays is chance.
 */
import { LOCAL_ANSWERS, PHASES } from '../../model/attributes.ts';
import type { ConnectionChange, SetupPaid } from '../../model/comparison.ts';
import type { Span } from '../../model/trace.ts';
import { textAt, typeOf } from '../tree.ts';
import { addressParts } from './template.ts';

type Phase = ConnectionChange['phase'];

const PHASE_OF: ReadonlyMap<string, Phase> = new Map([
  [PHASES.dns, 'dns'],
  [PHASES.connect, 'tcp'],
  [PHASES.tls, 'tls'],
  ...Object.values(LOCAL_ANSWERS).map((name) => [name, 'cache'] as const),
]);
const ORDER: readonly Phase[] = ['dns', 'tcp', 'tls', 'socket', 'cache'];
const NEVER: SetupPaid = { times: 0, ns: 0 };

export function connectionChanges(a: readonly Span[], b: readonly Span[]): ConnectionChange[] {
  const [inA, inB] = [paidBy(a), paidBy(b)];
  const hosts = [...new Set([...inA.keys(), ...inB.keys()])].sort();
  return hosts.flatMap((host) =>
    ORDER.flatMap((phase) => {
      const [ofA, ofB] = [inA.get(host)?.get(phase) ?? NEVER, inB.get(host)?.get(phase) ?? NEVER];
      return ofA.times === ofB.times ? [] : [{ host, phase, a: ofA, b: ofB }];
    }),
  );
}

type Paid = Map<string, Map<Phase, SetupPaid>>;

function paidBy(spans: readonly Span[]): Paid {
  const hosts = new Map<string, string>();
  for (const span of spans) if (typeOf(span) === 'request') hosts.set(span.spanId, hostOf(span));
  const paid: Paid = new Map();
  for (const span of spans) {
    const type = typeOf(span);
    if (type === 'connection') add(paid, hostOf(span), 'socket', 0);
    const host = type === 'phase' ? hosts.get(span.parentId ?? '') : undefined;
    const phase = PHASE_OF.get(span.name);
    if (host !== undefined && phase !== undefined) add(paid, host, phase, span.endNs - span.startNs);
  }
  return paid;
}

function add(paid: Paid, host: string, phase: Phase, took: number): void {
  const ofHost = paid.get(host) ?? new Map<Phase, SetupPaid>();
  paid.set(host, ofHost);
  const { times, ns } = ofHost.get(phase) ?? NEVER;
  ofHost.set(phase, { times: times + 1, ns: ns + took });
}

const hostOf = ({ attributes, component }: Span): string =>
  addressParts(textAt(attributes, 'url.full') ?? '')?.host ??
  textAt(attributes, 'server.address') ??
  component;
