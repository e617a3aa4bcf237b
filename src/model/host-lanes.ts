/** What the lanes that rules speak of are called, by whoever samples a host and by whoever judges. */
export const HOST_LANES = {
  listenOverflows: 'listen queue overflows',
  synRetransmits: 'SYN retransmits',
  tcpRetransmits: 'TCP retransmits',
  cpuPressure: 'CPU pressure',
  memoryPressure: 'memory pressure',
  ioPressure: 'I/O pressure',
} as const;

export type HostLaneName = (typeof HOST_LANES)[keyof typeof HOST_LANES];
