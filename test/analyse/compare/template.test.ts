import { describe, expect, it } from 'vitest';
import { addressParts, nameTemplate, pathTemplate } from '../../../src/analyse/compare/template.ts';

describe('what two addresses have in common', () => {
  it.each([
    ['/orders/4711', '', '/orders/{n}'],
    ['/orders/4711/items', '?page=2&sort=asc', '/orders/{n}/items?page&sort'],
    ['/u/3f2504e0-4f89-11d3-9a0c-0305e82c3301', '', '/u/{id}'],
    ['/blob/9f86d081884c7d65', '', '/blob/{id}'],
    ['/assets/app-B7x2kQ9f.js', '', '/assets/app-{hash}.js'],
    ['/assets/main.1a2b3c4d.css', '', '/assets/main.{hash}.css'],
    ['/assets/main.1a2b3c4d.js.map', '', '/assets/main.{hash}.js.map'],
    ['/t/dGhpcyBpcyBhIHRva2VuMTIz', '', '/t/{id}'],
    ['/order-1234/pay', '', '/order-{n}/pay'],
  ])('%s%s is %s', (path, query, expected) => {
    expect(pathTemplate(path, query)).toBe(expected);
  });

  it.each([
    '/api/v2/cart',
    '/assets/logo.svg',
    '/assets/river-kettle.svg',
    '/deadbeef',
    '/a/feed',
    '/logo2.png',
    '/',
    '/img/hero-banner.jpeg',
  ])('leaves %s as it is: these are words', (path) => expect(pathTemplate(path)).toBe(path));

  it('names only, in any order, of a query', () => {
    expect(pathTemplate('/s', '?b=1&a=2')).toBe(pathTemplate('/s', '?a=9&b='));
  });
});

describe('what two names have in common', () => {
  it.each([
    ['connect 127.0.0.1:38543', 'connect 127.0.0.1'],
    ['HTTPS _38543._https.shop.example', 'HTTPS _{port}._https.shop.example'],
    ['job 17', 'job {n}'],
    ['Seq Scan on orders', 'Seq Scan on orders'],
    ['GET /orders/17', 'GET /orders/{n}'],
  ])('%s is %s', (name, expected) => expect(nameTemplate(name)).toBe(expected));
});

describe('an address', () => {
  it('is read without its port, user and fragment', () => {
    expect(addressParts('https://me:secret@a.example:8443/x?y=1#z')).toEqual({
      host: 'a.example',
      path: '/x',
      query: '?y=1',
    });
    expect(addressParts('http://[::1]:80')).toEqual({ host: '[::1]', path: '/', query: '' });
    expect(addressParts('no address')).toBeUndefined();
  });
});
