import { expect, test } from './shop-test.ts';

test('counts what is bought', async ({ shop }) => {
  await shop.getByRole('button', { name: 'Find' }).click();
  await test.step('Buy two', async () => {
    await shop.getByRole('button', { name: 'Buy kettle' }).click();
    await expect(shop.locator('#basket')).toHaveText('1 in the basket');
    await shop.getByRole('button', { name: 'Buy cup' }).click();
    await expect(shop.locator('#basket')).toHaveText('2 in the basket');
  });
});

test('is lucky only when tried again', async ({ shop }, testInfo) => {
  await expect(shop.locator('h1')).toHaveText(testInfo.retry === 0 ? 'Their shop' : 'Our shop', {
    timeout: 300,
  });
});

test('finds no elephant', async ({ shop }) => {
  await shop.getByRole('searchbox').fill('words that were typed');
  await expect(shop.getByRole('button', { name: 'Buy elephant' })).toBeVisible({ timeout: 300 });
});

test('is known to be broken', async ({ shop }) => {
  test.fail();
  await expect(shop.locator('h1')).toHaveText('Their shop', { timeout: 300 });
});

test('is for another day', async ({ shop }) => {
  test.skip(true, 'not today');
  await shop.title();
});
