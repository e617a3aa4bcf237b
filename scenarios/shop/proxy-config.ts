import type { RunningPool } from './pools.ts';
import type { ProxySettings, TlsSettings } from './settings.ts';

/** What a real proxy's configuration is made of. */
export interface ProxyConfig {
  readonly tlsPort: number;
  readonly plainPort: number;
  /** PEM file: leaf certificate, its authority, key. */
  readonly certificate: string;
  /** PEM file: the key alone. */
  readonly key: string;
  /** For whatever else it wants to write. */
  readonly dir: string;
  readonly syslogPort: number;
  /** A relay stands before the TLS port and says who the client is (PROXY protocol). */
  readonly isRelayed?: boolean;
  readonly tls?: TlsSettings;
  readonly settings?: Omit<ProxySettings, 'pools'>;
  /** Only HAProxy has them. */
  readonly pools?: readonly RunningPool[];
  readonly backends: readonly { readonly name: string; readonly port: number }[];
}
