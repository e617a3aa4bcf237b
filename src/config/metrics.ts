/** Of `headwater.config.ts`: where numbers go, and how many series there may be. */
import { z } from 'zod';

export const metrics = z.strictObject({});
