/** Host names of the shop; resolvable only through its private DNS. */
export const SHOP_HOST = 'shop.headwater.test';
/** Pictures, styles, scripts and the font; an alias of ASSETS_HOST. */
export const STATIC_HOST = 'static.shop.headwater.test';
export const ASSETS_HOST = 'assets.headwater.test';
