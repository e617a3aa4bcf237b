/** Of `headwater.config.ts`: whom to tell, and how. */
import { z } from 'zod';

export const alerts = z.strictObject({});
