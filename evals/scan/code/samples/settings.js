const crypto = require('crypto');
const https = require('https');
const jwt = require('jsonwebtoken');
const session = require('express-session');
const cors = require('cors');
const express = require('express');
const app = express();

crypto.createHash('md5').update('x').digest('hex'); // hole
crypto.createHash('sha256').update('x').digest('hex'); // safe
crypto.createCipheriv('des-cbc', key(), iv()); // hole
crypto.createCipheriv('aes-256-gcm', key(), iv()); // safe
crypto.createCipher('aes-256-cbc', key()); // hole
crypto.createHmac('sha256', 'hardcoded'); // hole
crypto.createHmac('sha256', process.env.KEY); // safe
crypto.pseudoRandomBytes(16); // hole
crypto.randomBytes(16); // safe
const sessionToken = Math.random().toString(36); // hole
const jitter = Math.random() * 100; // safe
new https.Agent({ rejectUnauthorized: false }); // hole
new https.Agent({ rejectUnauthorized: true }); // safe
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // hole
jwt.sign({ id: 1 }, 'shhhhh'); // hole
jwt.sign({ id: 1 }, process.env.JWT_SECRET); // safe
jwt.verify('t', process.env.JWT_SECRET, { algorithms: ['none'] }); // hole
jwt.verify('t', process.env.JWT_SECRET, { algorithms: ['RS256'] }); // safe
app.use(session({ secret: 'keyboard cat' })); // hole
app.use(session({ secret: process.env.SECRET, cookie: { secure: true, httpOnly: true } })); // safe
app.use(session({ secret: process.env.SECRET, cookie: { httpOnly: false } })); // hole
app.use(cors({ origin: '*', credentials: true })); // hole
app.use(cors({ origin: 'https://a.example' })); // safe
app.get('/x', (req, res) => {
  res.set('Access-Control-Allow-Origin', req.headers.origin); // hole
  res.set('Access-Control-Allow-Origin', 'https://a.example'); // safe
  res.cookie('session', 'x'); // hole
  res.cookie('session', 'x', { httpOnly: true, secure: true }); // safe
  res.cookie('lang', 'en'); // safe
});
window.parent.postMessage('hello', '*'); // hole
window.parent.postMessage('hello', 'https://a.example'); // safe
function key() {
  return crypto.randomBytes(32);
}
function iv() {
  return crypto.randomBytes(12);
}
