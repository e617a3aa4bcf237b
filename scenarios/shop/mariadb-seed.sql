-- The shop's database on MariaDB: the same rows as seed.sql makes on PostgreSQL, computed from row numbers.

-- Rows that go into an empty table then need no undo log, which would only grow the kept files.
SET unique_checks = 0, foreign_key_checks = 0;

CREATE TABLE product (
  id          int          PRIMARY KEY,
  slug        varchar(80)  NOT NULL UNIQUE,
  name        varchar(120) NOT NULL,
  category    varchar(80)  NOT NULL,
  description text         NOT NULL,
  price_cents int          NOT NULL CHECK (price_cents > 0),
  stock       int          NOT NULL CHECK (stock >= 0)
);

CREATE TABLE customer (
  id    int          PRIMARY KEY AUTO_INCREMENT,
  name  varchar(120) NOT NULL,
  email varchar(160) NOT NULL UNIQUE
);

-- Checking out looks a customer's earlier orders up; ada+gifts@example.com and Ada@example.com are one customer.
CREATE TABLE orders (
  id             int          PRIMARY KEY AUTO_INCREMENT,
  customer_id    int          NOT NULL,
  customer_email varchar(160) NOT NULL,
  ship_to        varchar(200) NOT NULL,
  total_cents    int          NOT NULL,
  status         varchar(20)  NOT NULL,
  placed_at      datetime     NOT NULL,
  plain_email    varchar(160) AS (regexp_replace(lower(customer_email), '[+][^@]*@', '@')) VIRTUAL
);

CREATE TABLE order_item (
  order_id    int NOT NULL,
  product_id  int NOT NULL REFERENCES product (id),
  quantity    int NOT NULL CHECK (quantity > 0),
  price_cents int NOT NULL,
  PRIMARY KEY (order_id, product_id)
);

INSERT INTO product (id, slug, name, category, description, price_cents, stock) VALUES
  (1, 'river-kettle', 'River Kettle', 'Cooking', 'Boils a litre while you pitch the tent. Spun steel, folding handle.', 5400, 640),
  (2, 'dusk-lantern', 'Dusk Lantern', 'Light', 'Warm light for eleven evenings on one charge. Hangs, stands, floats.', 6900, 410),
  (3, 'enamel-mug', 'Enamel Mug', 'Cooking', 'Speckled, stackable, and none the worse for a fall on the rocks.', 1600, 1800),
  (4, 'ford-canteen', 'Ford Canteen', 'Cooking', 'Keeps tea hot across the watershed: a full day in double-walled steel.', 3200, 920),
  (5, 'needle-compass', 'Needle Compass', 'Finding the way', 'A liquid-filled needle that settles in a second, and a lid that shuts.', 4200, 350),
  (6, 'bank-tent', 'Bank Tent', 'Shelter', 'Two people, one storm. Pitches in four minutes, inner and outer at once.', 28900, 120),
  (7, 'portage-pack', 'Portage Pack', 'Carrying', 'Forty litres, roll top, and straps that think about your shoulders.', 14900, 230),
  (8, 'wool-blanket', 'Wool Blanket', 'Shelter', 'Woven by the mill at the weir from what the sheep left over.', 8900, 300),
  (9, 'ash-paddle', 'Ash Paddle', 'On the water', 'Carved from one plank. Light in the hand, patient in the current.', 11900, 160),
  (10, 'creek-canoe', 'Creek Canoe', 'On the water', 'Fifteen feet of cedar strip that one person can carry.', 98000, 40),
  (11, 'rain-shell', 'Rain Shell', 'Wearing', 'Three layers between you and the weather; pockets where hands go.', 17900, 280),
  (12, 'wading-boots', 'Wading Boots', 'Wearing', 'Felt soles for slick stones, drains in two steps.', 13900, 190),
  (13, 'willow-rod', 'Willow Rod', 'On the water', 'Nine feet, four pieces, and a story for each fish that was not caught.', 15900, 140),
  (14, 'guide-rope', 'Guide Rope', 'Carrying', 'Twenty metres of braid that floats, glows a little, and does not kink.', 2600, 760),
  (15, 'map-case', 'Map Case', 'Finding the way', 'Waterproof both sides, so the map outlives the plan.', 2900, 540),
  (16, 'pocket-knife', 'Pocket Knife', 'Carrying', 'One good blade, one corkscrew, no toothpick to lose.', 4700, 420),
  (17, 'camp-stove', 'Camp Stove', 'Cooking', 'Folds to the size of a sandwich and makes several.', 7600, 260),
  (18, 'field-notebook', 'Field Notebook', 'Finding the way', 'Stone paper: write in the rain, read at the fire.', 1400, 2100),
  (19, 'heron-binoculars', 'Heron Binoculars', 'Finding the way', 'Eight times closer to the other bank.', 19900, 110),
  (20, 'creek-hammock', 'Creek Hammock', 'Shelter', 'Two trees, one afternoon.', 6400, 380);

INSERT INTO customer (id, name, email)
SELECT seq,
       concat(elt(1 + seq % 10, 'Ada','Ben','Chloe','Dev','Elif','Finn','Grace','Hugo','Ines','Jonas'), ' ',
              elt(1 + seq % 9, 'Marsh','Brook','Ford','Weir','Banks','Poole','Rivers','Wells','Lake')),
       concat('customer', seq, '@example.com')
FROM seq_1_to_20000;

INSERT INTO orders (id, customer_id, customer_email, ship_to, total_cents, status, placed_at)
SELECT seq,
       1 + (seq * 7919) % 20000,
       concat('Customer', 1 + (seq * 7919) % 20000, '@Example.com'),
       concat(seq % 180, ' Weir Lane, Lower Millbrook'),
       1500 + (seq * 37) % 20000,
       if(seq % 50 = 0, 'returned', 'delivered'),
       timestamp '2026-01-01 00:00:00' + INTERVAL (2 * seq) MINUTE
FROM seq_1_to_240000;

INSERT INTO order_item (order_id, product_id, quantity, price_cents)
SELECT seq, 1 + seq % 20, 1 + seq % 3, 1500
FROM seq_1_to_240000
WHERE seq % 4 = 0;

CREATE INDEX orders_plain_email_idx ON orders (plain_email);
ANALYZE TABLE product, customer, orders, order_item;

-- The services' user, for the network side. Its password is set at each start.
DELETE FROM mysql.global_priv WHERE NOT (User = 'root' AND Host = 'localhost') AND User <> 'mariadb.sys';
FLUSH PRIVILEGES;
CREATE USER 'shop'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE ON shop.* TO 'shop'@'127.0.0.1';
