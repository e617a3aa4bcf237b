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
  readonly backends: readonly { readonly name: string; readonly port: number }[];
}
