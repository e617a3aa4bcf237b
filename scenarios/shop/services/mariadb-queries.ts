/** The shop's SQL for MariaDB: see queries.ts for PostgreSQL's. */
const COLUMNS = 'id, slug, name, category, description, price_cents';
export const CATALOGUE = `SELECT ${COLUMNS} FROM product ORDER BY id`;
export const PRODUCTS = `SELECT ${COLUMNS}, stock FROM product WHERE id IN (?) ORDER BY id`;
export const ALL_STOCK = 'SELECT id, stock FROM product';
export const STOCK = 'SELECT id, stock FROM product WHERE id IN (?)';
/** What is most often in the same category, popular first. */
export const RELATED = `SELECT other.id, other.slug, other.name, other.category, other.description, other.price_cents
  FROM product AS one JOIN product AS other ON other.category = one.category AND other.id <> one.id
  WHERE one.id = ? ORDER BY other.stock DESC LIMIT 3`;

/** Of a list of `{product, quantity}`. */
const WANTED = `JSON_TABLE(?, '$[*]' COLUMNS (id int PATH '$.product', quantity int PATH '$.quantity')) AS wanted`;
export const RESERVE = `UPDATE product JOIN ${WANTED} ON product.id = wanted.id
  SET product.stock = product.stock - wanted.quantity WHERE product.stock >= wanted.quantity`;
export const RESERVED = `SELECT product.id, product.price_cents, wanted.quantity
  FROM product JOIN ${WANTED} ON product.id = wanted.id`;

/** E-mail address, lower case, no +tag. Looked at before an order is taken: who returns a lot is asked to call. */
export const EARLIER_ORDERS = `SELECT count(*) AS orders, count(if(status = 'returned', 1, NULL)) AS returned
  FROM orders WHERE plain_email = ?`;

export const FIND_CUSTOMER = 'SELECT id FROM customer WHERE email = ?';
export const ADD_CUSTOMER = 'INSERT INTO customer (name, email) VALUES (?, ?)';
export const ADD_ORDER = `INSERT INTO orders (customer_id, customer_email, ship_to, total_cents, status, placed_at)
  VALUES (?, ?, ?, ?, 'placed', now())`;
export const ADD_ITEMS = 'INSERT INTO order_item (order_id, product_id, quantity, price_cents) VALUES ?';
export const ORDER = `SELECT orders.id, orders.total_cents, count(order_item.product_id) AS items
  FROM orders LEFT JOIN order_item ON order_item.order_id = orders.id WHERE orders.id = ? GROUP BY orders.id`;
