/**
 * The shop's SQL. Parametrised and unnamed: a named prepared statement would keep the trace context of its first
 * execution for ever.
 */

/** $1 e-mail address, lower case, no +tag. Looked at before an order is taken: who returns a lot is asked to call. */
export const EARLIER_ORDERS = `SELECT count(*)::int AS orders, count(*) FILTER (WHERE status = 'returned')::int AS returned
  FROM orders WHERE regexp_replace(lower(customer_email), '\\+[^@]*@', '@') = $1`;

export const CATALOGUE = 'SELECT id, slug, name, category, description, price_cents FROM product ORDER BY id';
export const PRODUCTS = `SELECT id, slug, name, category, description, price_cents, stock FROM product
  WHERE id = ANY($1::int[]) ORDER BY id`;
export const STOCK = 'SELECT id, stock FROM product WHERE $1::int[] IS NULL OR id = ANY($1)';

/** $1 product: what is most often in the same category, popular first. */
export const RELATED = `SELECT other.id, other.slug, other.name, other.category, other.description, other.price_cents
  FROM product AS one JOIN product AS other ON other.category = one.category AND other.id <> one.id
  WHERE one.id = $1 ORDER BY other.stock DESC LIMIT 3`;

/** $1 product ids, $2 quantities: takes them from stock; fewer rows than asked when something is sold out. */
export const RESERVE = `UPDATE product SET stock = stock - wanted.quantity
  FROM unnest($1::int[], $2::int[]) AS wanted (id, quantity)
  WHERE product.id = wanted.id AND product.stock >= wanted.quantity
  RETURNING product.id, product.price_cents, wanted.quantity`;

export const FIND_CUSTOMER = 'SELECT id FROM customer WHERE lower(email) = lower($1)';
export const ADD_CUSTOMER = 'INSERT INTO customer (name, email) VALUES ($1, $2) RETURNING id';
export const ADD_ORDER = `INSERT INTO orders (customer_id, customer_email, ship_to, total_cents, status, placed_at)
  VALUES ($1, $2, $3, $4, 'placed', now()) RETURNING id`;
export const ADD_ITEMS = `INSERT INTO order_item (order_id, product_id, quantity, price_cents)
  SELECT $1, * FROM unnest($2::int[], $3::int[], $4::int[])`;
export const ORDER = `SELECT orders.id, orders.total_cents, count(order_item.product_id)::int AS items
  FROM orders LEFT JOIN order_item ON order_item.order_id = orders.id WHERE orders.id = $1 GROUP BY orders.id`;
