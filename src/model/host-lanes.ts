/** What the lanes that rules speak of are called, by whoever samples a host and by whoever judges. */
export const HOST_LANES = {
  listenOverflows: 'listen queue overflows',
  synRetransmits: 'SYN retransmits',
  tcpRetransmits: 'TCP retransmits',
  cpuPressure: 'CPU pressure',
  cpuBusy: 'CPU busy',
  memoryPressure: 'memory pressure',
  ioPressure: 'I/O pressure',
} as const;

export type HostLaneName = (typeof HOST_LANES)[keyof typeof HOST_LANES];

/** What is followed of single processes: of the thread that was busiest in each interval, in percent of its time. */
export const PROCESS_QUANTITIES = ['cpu', 'cpu_wait'] as const;
export type ProcessQuantity = (typeof PROCESS_QUANTITIES)[number];
