/**
 * `/proc/stat`: `cpu user nice system idle iowait irq softirq steal …` in ticks of 10 ms over all CPUs, one such line a
 * CPU, and `procs_running`. Guest time is inside user time already.
 * https://man7.org/linux/man-pages/man5/proc_stat.5.html
 */
import { countOf, fieldsOf, put, type ReadProc } from './readings.ts';

const TICKS = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;

export const readCpu: ReadProc = (text, into) => {
  let cpus = 0;
  for (const line of text.split('\n')) {
    if (/^cpu\d/.test(line)) cpus++;
    else if (line.startsWith('cpu ')) {
      const [, ...values] = fieldsOf(line);
      TICKS.forEach((name, at) => {
        put(into, `cpu.${name}_ticks`, countOf(values[at]));
      });
    } else if (/^procs_(running|blocked) /.test(line)) {
      const [name, value] = fieldsOf(line);
      put(into, name!, countOf(value));
    }
  }
  if (cpus > 0) into.set('cpus', cpus);
};
