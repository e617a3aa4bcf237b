// Starts finish-suite.ts in a checkout. A compiled package goes without.
import { register } from 'tsx/esm/api';

register();
await import('../../src/run/finish-suite.ts');
