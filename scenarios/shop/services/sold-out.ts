/** The answer to an order that came too late, whichever database found out. */
import { Refusal } from './http-service.ts';

export const soldOut = () => new Refusal(409, 'Something in your cart has just been sold out.');
