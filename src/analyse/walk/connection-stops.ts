/** Stops: TCP and TLS, which a connection costs once; and the connection that was open already, which costs nothing. */
import { PHASES } from '../../model/attributes.ts';
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Message } from '../../model/walk.ts';
import { counted } from '../causes/amounts.ts';
import { type Tree, typeOf } from '../tree.ts';
import { conversation, extentOf } from './conversation.ts';
import { below, hostOf, nameOf, ownerOf, type Scene, type StopMaker, spansIn } from './scene.ts';
import { lengthInWords, listed, named, numberOf, ordinal, textOf, textsOf, total } from './words.ts';

export const tcpStop: StopMaker = (scene, own) => {
  const spans = spansIn(own);
  const attempts = ofType('connect_attempt', spans, scene.tree);
  const owner = ownerOf(spans, scene);
  const failed = attempts.filter((attempt) => attempt.status.code === 'error');
  const [startNs, endNs] = extentOf(own);
  return {
    title: isQuic(scene) ? 'QUIC: picking up the line' : 'TCP: picking up the line',
    sentences: [
      `Before two computers talk they make a connection: “are you there?” goes out to ${peerOf(spans, attempts, scene)}, “yes” comes back. ${isQuic(scene) ? 'This one is QUIC, which picks up the line and locks it with the same messages' : 'That agreement is called TCP'}.`,
      waitedFor(owner, scene, total(own), triedInWords(attempts)),
      failed.length > 0 &&
        `${counted(failed.length, 'try', 'tries')} came to nothing first: ${listed(failed.map(toldFailure), 2)}.`,
      !scene.cut.has('tls') && ridersOf(scene),
    ],
    about: attempts,
    drawing: conversation(
      hostOf(scene),
      own,
      attempts.length > 1 || failed.length > 0 ? attempts.flatMap(helloOf) : hello(startNs, endNs),
    ),
  };
};

const isQuic = ({ connection }: Scene): boolean => textOf(connection?.span, 'network.transport') === 'quic';

/** Only of one try that was answered it is known that a round trip fits into it. */
const triedInWords = (attempts: readonly Span[]): string =>
  attempts.length > 1
    ? `${counted(attempts.length, 'try', 'tries')} until the line stood`
    : 'one message there and back, so a round trip takes no longer than that';

const toldFailure = (attempt: Span): string =>
  `${named(textOf(attempt, 'network.peer.address') ?? attempt.name)} (${named(textOf(attempt, 'error.type') ?? attempt.status.message ?? 'failed')})`;

function helloOf(attempt: Span): Message[] {
  const isFailed = attempt.status.code === 'error';
  const to = named(textOf(attempt, 'network.peer.address') ?? 'the server', 40);
  return [
    { toRight: true, atNs: attempt.startNs, text: `are you there, ${to}? (SYN)` },
    {
      toRight: false,
      atNs: attempt.endNs,
      text: isFailed ? named(attempt.status.message ?? 'failed', 40) : 'yes (SYN-ACK)',
      ...(isFailed && { failed: true }),
    },
  ];
}

const hello = (startNs: number, endNs: number): Message[] => [
  { toRight: true, atNs: startNs, text: 'are you there? (SYN)' },
  { toRight: false, atNs: endNs, text: 'yes (SYN-ACK)' },
];

export const tlsStop: StopMaker = (scene, own) => {
  const spans = spansIn(own);
  const flights = ofType('tls_flight', spans, scene.tree);
  const phase = spans.map((span) => phaseAbove(span, scene.tree)).find(Boolean);
  const owner = ownerOf(spans, scene);
  const [startNs, endNs] = extentOf(own);
  return {
    title: 'TLS: agreeing on keys',
    sentences: [
      `TLS is the lock on the line, the “s” of https: the two sides agree on secret keys, and a certificate proves that it is really ${hostOf(scene)} who answers.`,
      waitedFor(owner, scene, total(own), handshakeOf(phase)),
      phase?.attributes['headwater.tls.hello_retry_request'] === true &&
        'The server asked the browser to begin again, which cost one more round trip.',
      spans.some(({ status }) => status.code === 'error') && `It failed: ${failureOf(spans)}.`,
      certificateOf(phase),
      ridersOf(scene),
    ],
    shown: phase,
    about: [...flights, ...(phase ? [phase] : [])],
    drawing: conversation(
      hostOf(scene),
      own,
      flights.length > 0 ? flights.flatMap(flightOf) : handshake(startNs, endNs),
    ),
  };
};

const failureOf = (spans: readonly Span[]): string =>
  named(spans.find(({ status }) => status.code === 'error')?.status.message ?? 'without a reason');

/** What comes after “it took …:”. */
function handshakeOf(phase: Span | undefined): string {
  const version = textOf(phase, 'tls.protocol.version');
  const resumed = phase?.attributes['tls.resumed'];
  const trips = numberOf(phase, 'headwater.tls.round_trips');
  const kind =
    resumed === true
      ? 'they remembered each other from an earlier visit, which spares sending the certificate'
      : resumed === false
        ? 'a full handshake, for no earlier one was remembered'
        : 'a handshake';
  const facts = [
    version === undefined ? '' : `TLS ${named(version)}`,
    trips === undefined ? '' : counted(trips, 'round trip'),
  ].filter(Boolean);
  return facts.length > 0 ? `${kind} (${facts.join(', ')})` : kind;
}

function certificateOf(phase: Span | undefined): string | undefined {
  const days = numberOf(phase, 'headwater.tls.expires_in_days');
  if (days === undefined) return undefined;
  const whose = textOf(phase, 'tls.server.subject');
  const of = whose === undefined ? '' : ` of ${named(whose.replace(/^CN=/, ''))}`;
  return days < 0
    ? `The certificate${of} had expired ${counted(-days, 'day')} before.`
    : `The certificate${of} is good for ${counted(days, 'more day')}.`;
}

/** A flight ends when the browser had it, or had sent it. */
function flightOf(flight: Span): Message[] {
  const sent = textsOf(flight, 'headwater.tls.flight_messages');
  const text = named(sent.length > 0 ? sent.join(', ') : flight.name, 60);
  const turn = textOf(flight, 'headwater.tls.turn');
  return [{ toRight: turn === 'client', atNs: flight.endNs, text }];
}

const handshake = (startNs: number, endNs: number): Message[] => [
  { toRight: true, atNs: startNs, text: 'hello, I know these ciphers' },
  { toRight: false, atNs: endNs, text: 'key, certificate, done' },
];

export const reuseStop: StopMaker = (scene) => {
  const { request, connection } = scene;
  if (!connection) {
    return request.attributes['headwater.connection_reused'] === true
      ? {
          title: 'The connection: open already',
          sentences: [
            'Nothing had to be paid here: the browser used a connection that was open from before, so no name was looked up and no keys were agreed on.',
          ],
          shown: request,
        }
      : undefined;
  }
  const { span, requests } = connection;
  const place = requests.indexOf(request) + 1;
  return {
    title: 'The connection: open already',
    sentences: [
      `There was nothing to pay here: the connection to ${hostOf(scene)} had been open since ${formatDuration(span.startNs)} into the run, ${madeFor(scene)}.`,
      whatItCost(scene),
      requests.length > 1 &&
        `${counted(requests.length, 'request')} used it in this run; this one was the ${ordinal(place)}.`,
    ],
    shown: span,
    about: [span],
    drawing: {
      kind: 'riders',
      startNs: span.startNs,
      endNs: span.endNs,
      riders: requests.map((rider) => ({
        startNs: rider.startNs,
        endNs: rider.endNs,
        role: rider === request ? 'here' : rider === connection.payer ? 'paid' : 'rode',
      })),
    },
  };
};

function madeFor({ connection, request }: Scene): string {
  const payer = connection?.payer;
  if (!payer) return 'made in advance by the browser';
  return payer === request ? 'made for this very request' : `made for ${nameOf(payer)}`;
}

function whatItCost({ connection, tree }: Scene): string | undefined {
  const holder = connection?.payer ?? connection?.span;
  const setup = holder ? setupPhases(holder, tree) : [];
  if (setup.length === 0) return undefined;
  const parts = setup.map((phase) => `${SETUP_NAME[phase.name]} ${lengthInWords(phase)}`);
  return `Making it had cost ${formatDuration(total(setup))}: ${listed(parts)}. TCP picks up the line, TLS locks it against listeners, and both need messages to and fro.`;
}

const SETUP_NAME: Readonly<Record<string, string>> = {
  [PHASES.dns]: 'DNS',
  [PHASES.connect]: 'TCP',
  [PHASES.tls]: 'TLS',
};

const setupPhases = (holder: Span, tree: Tree): Span[] =>
  tree
    .childrenOf(holder)
    .filter((child) => typeOf(child) === 'phase' && Object.hasOwn(SETUP_NAME, child.name));

/** `This request paid 31 ms for it: …` or that it waited for another one's. */
function waitedFor(owner: Span, { request }: Scene, ns: number, what: string): string {
  return owner === request
    ? `This request paid ${formatDuration(ns)} for it: ${what}.`
    : `It was made for another request, ${nameOf(owner)}, and this one waited ${formatDuration(ns)} for it: ${what}.`;
}

function ridersOf({ connection, request }: Scene): string | undefined {
  if (!connection || connection.payer !== request) return undefined;
  const riders = connection.requests.length - 1;
  if (riders === 0) return 'No other request used the connection in this run.';
  return `${counted(riders, 'other request')} used the same connection and did not pay again.`;
}

function ofType(type: string, spans: readonly Span[], tree: Tree): Span[] {
  const phases = spans.map((span) => phaseAbove(span, tree) ?? span);
  return [...new Set(phases.flatMap((phase) => [...below(phase, tree)]))]
    .filter((span) => typeOf(span) === type)
    .sort((a, b) => a.startNs - b.startNs || a.endNs - b.endNs);
}

function phaseAbove(span: Span, tree: Tree): Span | undefined {
  for (let at: Span | undefined = span; at; at = tree.parentOf(at)) if (typeOf(at) === 'phase') return at;
  return undefined;
}

function peerOf(spans: readonly Span[], attempts: readonly Span[], scene: Scene): string {
  const answered = attempts.find(({ status }) => status.code !== 'error') ?? spans[0];
  const address = textOf(answered, 'network.peer.address');
  return address === undefined ? hostOf(scene) : `${hostOf(scene)} (${named(address)})`;
}
