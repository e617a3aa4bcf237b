/** Of `headwater.config.ts`: what is kept of the runs, and for how long. */
import { z } from 'zod';

export const keep = z.strictObject({});
