const express = require('express');
const session = require('express-session');
const helmet = require('helmet');
const products = require('./routes/products');
const orders = require('./routes/orders');

const app = express();
app.use(helmet());
app.use(express.json({ limit: '100kb' }));
app.use(session({ secret: 'shop-secret', resave: false, saveUninitialized: false, cookie: { httpOnly: true, secure: true, sameSite: 'lax' } }));
app.use('/products', products);
app.use('/orders', orders);
app.listen(process.env.PORT || 3000);
