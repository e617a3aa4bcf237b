import { expect, test } from './shop-test.ts';

test.describe('Search', () => {
  for (const word of ['kettle', 'tea', 'cup'])
    test(`finds ${word}`, async ({ shop }) => {
      await test.step('Type', () => shop.getByRole('searchbox').fill(word));
      await test.step('Find', async () => {
        await shop.getByRole('button', { name: 'Find' }).click();
        await expect(shop.getByRole('listitem').first()).toContainText(word);
      });
    });

  test('knows the screen of its project', async ({ shop, isMobile }) => {
    const width = await shop.evaluate<number>('window.innerWidth');
    expect(width < 600).toBe(isMobile);
    await shop.evaluate("console.error('too', 'small')");
  });
});
