/** Option values are checked where they enter; the message names the value. */
import { InvalidArgumentError } from 'commander';

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}

export function milliseconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0 || text.trim() === '')
    throw new InvalidArgumentError('It must be a number of milliseconds, 0 or more.');
  return value;
}

export function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535 || text.trim() === '')
    throw new InvalidArgumentError('It must be a port: 1 to 65535, or 0 for any free one.');
  return value;
}

export function httpAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new InvalidArgumentError('It must be an address such as https://shop.example/.');
  return url.href;
}

export const collect = (value: string, earlier: readonly string[] = []): string[] => [...earlier, value];

export const collectAddress = (value: string, earlier: readonly string[] = []): string[] => [
  ...earlier,
  httpAddress(value),
];
