/** Packets of the loopback as tcpdump took them and tshark reads them: whose they are and when, to the microsecond. */
import { execFileSync, spawn } from 'node:child_process';

export interface Packet {
  readonly unixMs: number;
  readonly protocol: 'udp' | 'tcp';
  readonly from: string;
  readonly fromPort: number;
  readonly to: string;
  readonly toPort: number;
  readonly isSyn: boolean;
  readonly isAck: boolean;
  /** Handshake types of RFC 8446 §4 that are readable in it. */
  readonly tlsHandshake: readonly number[];
  /** Carries a TLS record, readable or not. */
  readonly hasTls: boolean;
}

const START_LIMIT_MS = 10_000;
/** tcpdump hands the last packets over when they are this old at the latest. */
const DRAIN_MS = 1_200;

/** Starts to capture; the result ends it and returns when the file is whole. */
export async function startCapture(file: string): Promise<() => Promise<void>> {
  // Whole packets: tshark reads no ClientHello that was cut.
  const child = spawn('tcpdump', ['-i', 'lo', '-w', file, '-B', '16384', '-s', '0', '--immediate-mode'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('tcpdump did not begin')), START_LIMIT_MS);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (!text.includes('listening on')) return;
      clearTimeout(limit);
      resolve();
    });
    child.once('error', reject);
  });
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
    child.kill('SIGINT');
    await ended;
  };
}

const FIELDS = [
  'frame.time_epoch',
  'ip.src',
  'ip.dst',
  'udp.srcport',
  'udp.dstport',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.flags.syn',
  'tcp.flags.ack',
  'tls.handshake.type',
  'tls.record.version',
] as const;

/** DNS on one port, and of TCP on another what opens connections and carries TLS. */
export function readCapture(file: string, ports: { dns: number; tls: number }): Packet[] {
  const decode = ['-d', `udp.port==${ports.dns},dns`, '-d', `tcp.port==${ports.tls},tls`];
  const wanted = `udp.port==${ports.dns} or (tcp.port==${ports.tls} and (tcp.flags.syn==1 or tls))`;
  const fields = FIELDS.flatMap((field) => ['-e', field]);
  const text = execFileSync(
    'tshark',
    [
      '-r',
      file,
      ...decode,
      '-Y',
      wanted,
      '-T',
      'fields',
      '-E',
      'separator=/t',
      '-E',
      'occurrence=a',
      ...fields,
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  return text.split('\n').flatMap((line) => (line ? [packetOf(line.split('\t'))] : []));
}

const isSet = (flag: string): boolean => flag === '1' || flag === 'True';

function packetOf(row: readonly string[]): Packet {
  const [time = '', from = '', to = '', udpFrom = '', udpTo = '', tcpFrom = '', tcpTo = ''] = row;
  const [syn = '', ack = '', handshake = '', version = ''] = row.slice(7);
  return {
    unixMs: Number(time) * 1_000,
    protocol: udpFrom ? 'udp' : 'tcp',
    from,
    to,
    fromPort: Number(udpFrom || tcpFrom),
    toPort: Number(udpTo || tcpTo),
    isSyn: isSet(syn),
    isAck: isSet(ack),
    tlsHandshake: handshake.split(',').filter(Boolean).map(Number),
    hasTls: version !== '',
  };
}
