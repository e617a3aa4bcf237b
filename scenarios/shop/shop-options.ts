/** What a shop is started with, and what a started one is. */
import type { Fault } from '../faults/index.ts';
import type { Part } from './part.ts';
import type { ProxyKind, ProxyRequest } from './proxy.ts';
import type { DatabaseSystem } from './settings.ts';

export interface ShopProgress {
  readonly part: string;
  readonly state: 'starting' | 'ready' | 'note';
  /** Since the part began to start. */
  readonly ms?: number;
  readonly detail?: string;
}

export interface ShopOptions {
  /** Where the services send OTLP/HTTP, protobuf: `http://127.0.0.1:4318`. */
  readonly otlpUrl: string;
  /** Where a load balancer that speaks OTLP sends it, gRPC on 127.0.0.1; without it, its log is used. */
  readonly otlpGrpcPort?: number;
  /** UDP port on 127.0.0.1 that takes the load balancer's log: syslog datagrams, raw JSON. */
  readonly syslogPort: number;
  readonly faults?: readonly Fault[];
  /** Keeps the seeded database between runs; default: `headwater` in the XDG cache folder. */
  readonly stateDir?: string;
  readonly onProgress?: (line: ShopProgress) => void;
  /** PostgreSQL unless told otherwise; MariaDB is the system's own, `mariadbd`. */
  readonly database?: DatabaseSystem;
  /** `auto`: HAProxy when found, else the embedded stand-in. */
  readonly proxy?: ProxyRequest['kind'];
}

export interface Shop {
  /** What the journey visits; resolvable only through the private DNS. */
  readonly url: string;
  /** The origin that serves pictures, styles, scripts and the font. */
  readonly staticUrl: string;
  /** The same shop through the same proxy, for a person's browser. */
  readonly humanUrl: string;
  readonly dnsRoots: readonly { name: string; address: string; port: number }[];
  /** Name server's address → its port. They are all the same. */
  readonly dnsPortOf: Readonly<Record<string, number>>;
  /** Base64 SHA-256 of the TLS leaf's SubjectPublicKeyInfo, for `--ignore-certificate-errors-spki-list`. */
  readonly pins: readonly string[];
  /** The authority that signed the leaf, PEM, for clients other than browsers. */
  readonly ca: string;
  readonly proxy: ProxyKind;
  readonly database: DatabaseSystem;
  /** The database's log (PostgreSQL's jsonlog, MariaDB's slow log); grows while the shop runs. */
  readonly databaseLog: string;
  /** What the faults really did so far: read it with `readInjected`. */
  readonly injectedFile: string;
  /** Every process, with its pid and the file that takes its output. */
  readonly parts: readonly Part[];
  /** Idempotent. Leaves no process, port or folder. */
  stop(): Promise<void>;
}
