/** A duration in the configuration: written as `2s`, read as nanoseconds. */
import { z } from 'zod';
import { durationNs } from '../model/duration-text.ts';

export const duration = z
  .string()
  .refine((text) => durationNs(text) !== undefined, 'must be a duration such as 50ms, 2s, 10m, 6h or 28d');
