/**
 * Tables that fill up: `/proc/sys/fs/file-nr` (open files, unused, the limit) and conntrack's count and limit, one number a file.
 * https://docs.kernel.org/admin-guide/sysctl/fs.html · https://docs.kernel.org/networking/nf_conntrack-sysctl.html
 */
import { countOf, fieldsOf, put, type ReadProc } from './readings.ts';

export const readFileHandles: ReadProc = (text, into) => {
  const [open, , limit] = fieldsOf(text);
  put(into, 'files.open', countOf(open));
  put(into, 'files.limit', countOf(limit));
};

export const readOneNumber =
  (name: string): ReadProc =>
  (text, into) =>
    put(into, name, countOf(text.trim()));
