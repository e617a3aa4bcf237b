import type { Fault } from './fault.ts';

/** In the shop's own zone, which knows nothing of it. */
const GONE_HOST = 'widgets.headwater.test';
const TIMES_ASKED = 2;

export const dnsNxdomain: Fault = {
  name: 'dns-nxdomain',
  title: 'A page asks for a name that does not exist',
  how: "The checkout page loads a script in its head from a host that is gone; the shop's name server takes its time to say NXDOMAIN.",
  cost: 'Opening the checkout waits for that answer, twice: the browser asks once more for a name that was not found.',
  expected: { layer: 'dns', cause: 'dns.nxdomain', component: 'ns1.headwater.test' },
  defaultMs: 150,
  apply({ dns, pages }, ms) {
    pages.push({ page: 'checkout', head: `<script src="https://${GONE_HOST}/widget.js"></script>` });
    const question = { fault: 'dns-nxdomain', name: GONE_HOST, delayMs: ms / TIMES_ASKED };
    dns.delays.push({ ...question, type: 'A' }, { ...question, type: 'AAAA', counts: 'within' });
  },
};
