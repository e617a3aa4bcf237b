// Starts resolver-thread.ts in a checkout: a thread inherits no loader for TypeScript. A compiled package goes without.
import { register } from 'tsx/esm/api';

register();
await import('./resolver-thread.ts');
