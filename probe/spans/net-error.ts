import { getSystemErrorName } from 'node:util';

/** Chromium's net errors by number, those that a person meets (net/base/net_error_list.h). */
const NAME_BY_NUMBER: Readonly<Record<number, string>> = {
  [-2]: 'ERR_FAILED',
  [-3]: 'ERR_ABORTED',
  [-7]: 'ERR_TIMED_OUT',
  [-20]: 'ERR_BLOCKED_BY_CLIENT',
  [-21]: 'ERR_NETWORK_CHANGED',
  [-27]: 'ERR_BLOCKED_BY_RESPONSE',
  [-100]: 'ERR_CONNECTION_CLOSED',
  [-101]: 'ERR_CONNECTION_RESET',
  [-102]: 'ERR_CONNECTION_REFUSED',
  [-103]: 'ERR_CONNECTION_ABORTED',
  [-104]: 'ERR_CONNECTION_FAILED',
  [-105]: 'ERR_NAME_NOT_RESOLVED',
  [-106]: 'ERR_INTERNET_DISCONNECTED',
  [-107]: 'ERR_SSL_PROTOCOL_ERROR',
  [-109]: 'ERR_ADDRESS_UNREACHABLE',
  [-113]: 'ERR_SSL_VERSION_OR_CIPHER_MISMATCH',
  [-118]: 'ERR_CONNECTION_TIMED_OUT',
  [-137]: 'ERR_NAME_RESOLUTION_FAILED',
  [-200]: 'ERR_CERT_COMMON_NAME_INVALID',
  [-201]: 'ERR_CERT_DATE_INVALID',
  [-202]: 'ERR_CERT_AUTHORITY_INVALID',
  [-324]: 'ERR_EMPTY_RESPONSE',
  [-337]: 'ERR_HTTP2_PROTOCOL_ERROR',
  [-356]: 'ERR_QUIC_PROTOCOL_ERROR',
  [-358]: 'ERR_QUIC_HANDSHAKE_FAILED',
  [-352]: 'ERR_HTTP2_PING_FAILED',
};

/** `ERR_CONNECTION_REFUSED`; a positive number is the system's own (`ECONNREFUSED`); unknown ones stay numbers. */
export function netErrorName(number: number): string {
  if (number < 0) return NAME_BY_NUMBER[number] ?? `net error ${number}`;
  return /^E/.test(getSystemErrorName(-number)) ? getSystemErrorName(-number) : `system error ${number}`;
}
