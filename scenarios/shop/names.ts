/** Host names of the shop; resolvable only through its private DNS. */
export const SHOP_HOST = 'shop.headwater.test';
/** Pictures, styles, scripts and the font; an alias of ASSETS_HOST. */
export const STATIC_HOST = 'static.shop.headwater.test';
export const ASSETS_HOST = 'assets.headwater.test';
/** Of others: not behind the shop's load balancer, and they send no traces. */
export const THIRD_PARTY_HOST = 'cdn.thirdparty.test';
export const PARTNER_HOST = 'api.partner.test';
/** Where the shop was once. */
export const OLD_HOST = 'www.oldmill.test';
