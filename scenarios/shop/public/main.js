import { addToCartButtons } from './cart.js';
import { checkoutForm } from './checkout.js';
import { relatedProducts } from './related.js';
import { showStock } from './stock.js';

addToCartButtons();
checkoutForm();
showStock();
relatedProducts();
