/** Ends of the shop's wires for tests: an OTLP/HTTP receiver, a syslog receiver, an HTTP/2 client, a DNS client. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import * as dns from 'dns-packet';
import { readOtlpProtobuf } from '../../src/import/otlp.ts';
import type { ReportedSpan } from '../../src/model/span.ts';

export type LogLine = Readonly<Record<string, string | number>>;

export interface Receivers {
  readonly otlpUrl: string;
  readonly syslogPort: number;
  readonly spans: ReportedSpan[];
  readonly lines: LogLine[];
  close(): Promise<void>;
}

export async function startReceivers(): Promise<Receivers> {
  const spans: ReportedSpan[] = [];
  const lines: LogLine[] = [];
  const otlp = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    spans.push(...readOtlpProtobuf(Buffer.concat(chunks)).spans);
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  await new Promise<void>((resolve) => otlp.listen(0, '127.0.0.1', resolve));
  const syslog = createSocket('udp4', (message) => lines.push(JSON.parse(message.toString('utf8'))));
  await new Promise<void>((resolve) => syslog.bind(0, '127.0.0.1', resolve));
  return {
    otlpUrl: `http://127.0.0.1:${(otlp.address() as AddressInfo).port}`,
    syslogPort: syslog.address().port,
    spans,
    lines,
    close: async () => {
      syslog.close();
      otlp.closeAllConnections();
      await new Promise((resolve) => otlp.close(resolve));
    },
  };
}

/** Waits until `look` finds something; fails with `what` when it does not in ten seconds. */
export async function eventually<T>(what: string, look: () => T | undefined): Promise<T> {
  const limitMs = performance.now() + 10_000;
  for (;;) {
    const found = look();
    if (found !== undefined && (!Array.isArray(found) || found.length > 0)) return found;
    if (performance.now() > limitMs) throw new Error(`Waited in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export interface Exchange {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One HTTP/2 request on a connection of its own, as a browser makes it: the shop's name, its authority trusted. */
export function askShop(
  { url, ca }: { url: string; ca: string },
  path: string,
  { body, ...headers }: Record<string, string> = {},
): Promise<Exchange> {
  const { host, hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca, servername: hostname });
    session.once('error', reject);
    const method = body === undefined ? 'GET' : 'POST';
    const stream = session.request({ ':path': path, ':method': method, ':authority': host, ...headers });
    const chunks: Buffer[] = [];
    let answered: Record<string, unknown> = {};
    stream.once('response', (received) => {
      answered = received;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('error', reject);
    stream.once('end', () => {
      session.close();
      const strings = Object.entries(answered).map(([name, value]) => [name, String(value)]);
      const text = Buffer.concat(chunks).toString('utf8');
      resolve({ status: Number(answered[':status']), headers: Object.fromEntries(strings), body: text });
    });
    stream.end(body);
  });
}

interface Server {
  readonly address: string;
  readonly port: number;
}

/** dns-packet reads the code of the answer too; its types do not say so. */
type DnsAnswer = dns.DecodedPacket & { readonly rcode: string };

type RecordType = dns.RecordType | 'UNKNOWN_65';

const questionFor = (name: string, type: RecordType): dns.Packet => ({
  type: 'query',
  id: 4711,
  questions: [{ name, type: type as dns.RecordType }],
});

export function askUdp({ address, port }: Server, name: string, type: RecordType): Promise<DnsAnswer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.once('message', (answer) => {
      socket.close();
      resolve(dns.decode(answer) as DnsAnswer);
    });
    socket.send(dns.encode(questionFor(name, type)), port, address);
  });
}

export function askTcp({ address, port }: Server, name: string, type: RecordType): Promise<DnsAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, address);
    let read = Buffer.alloc(0);
    socket.once('error', reject);
    socket.on('data', (bytes) => {
      read = Buffer.concat([read, bytes]);
      if (read.length < 2 || read.length < 2 + read.readUInt16BE(0)) return;
      socket.destroy();
      resolve(dns.streamDecode(read) as DnsAnswer);
    });
    socket.write(dns.streamEncode(questionFor(name, type)));
  });
}
