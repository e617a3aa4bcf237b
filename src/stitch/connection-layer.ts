/**
 * What services' own HTTP clients say of setting a connection up, by the names that instrumentations give such spans:
 *
 * | | DNS | TCP | TLS |
 * |---|---|---|---|
 * | .NET ≥ 9 (opentelemetry.io/docs/specs/semconv/dotnet/dotnet-network-traces) | `DNS lookup NAME` | `socket connect ADDRESS` | `TLS client handshake NAME` |
 * | Go, otelhttptrace | `http.dns` | `http.connect` | `http.tls` |
 * | Node.js, instrumentation-dns and -net | `dns.lookup` | `tcp.connect` | `tls.connect` |
 */
import { rememberByName } from '../model/by-name.ts';
import type { Layer } from '../model/layer.ts';
import type { ReportedSpan } from '../model/span.ts';

const NAMES: readonly (readonly [layer: Layer, name: RegExp])[] = [
  ['dns', /^(DNS (reverse )?lookup\b|dns\.lookup$|http\.dns$)/],
  ['tcp', /^(socket connect\b|tcp\.connect$|http\.connect$)/],
  ['tls', /^(TLS client handshake\b|tls\.connect$|http\.tls$)/],
];

/** Undefined for everything else, servers' spans among it. */
export function connectionLayerOf({ name, kind }: Pick<ReportedSpan, 'name' | 'kind'>): Layer | undefined {
  if (kind !== 'client' && kind !== 'internal') return undefined;
  return layerByName(name);
}

const layerByName = rememberByName((name) => NAMES.find(([, pattern]) => pattern.test(name))?.[0]);
