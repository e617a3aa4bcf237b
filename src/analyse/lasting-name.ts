/** What stays of a name from run to run: the same part at another port or address is the same part. */

/** `ns1.shop.example (127.0.0.1:5353)` and `shop.example:8443 → db:5432`: an address behind a name, a port. */
const ADDRESS = / \([^()]*\)$/;
const PORT = /:\d{1,5}(?=$|[\s/])/g;

export const lastingName = (component: string): string => component.replace(ADDRESS, '').replace(PORT, '');
