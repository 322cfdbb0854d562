const express = require('express');
const escape = require('escape-html');
const app = express();
const router = express.Router();

app.get('/a', (req, res) => {
  res.send('Hello ' + req.query.name); // hole
});
app.get('/b', (req, res) => {
  const name = req.params.name;
  res.write(`<b>${name}</b>`); // hole
  res.end();
});
app.get('/c', (req, res) => {
  res.send(`<b>${escape(req.params.name)}</b>`); // safe
});
app.get('/d', (req, res) => {
  res.json({ name: req.query.name }); // safe
});
router.get('/e', (req, res) => {
  res.status(404).send('No such user: ' + req.params.user); // hole
});
router.get('/f', (req, res) => {
  res.type('text/plain').send(req.query.text); // safe
});
router.get('/g', (req, res) => {
  res.send({ ok: true, id: req.params.id }); // safe
});
router.get('/h', (req, res) => {
  res.send('Count: ' + Number(req.query.n)); // safe
});
router.get('/i', (req, res) => {
  res.render('page', { title: req.query.title }); // safe
});
function show(element, text) {
  element.innerHTML = text; // hole
}
function showSafe(element, text) {
  element.textContent = text; // safe
}
function list(element, items) {
  element.insertAdjacentHTML('beforeend', '<li>' + items[0].name + '</li>'); // hole
}
function clear(element) {
  element.innerHTML = '<p>nothing here</p>'; // safe
}
function hash() {
  document.write(location.hash); // hole
}
function jquery(name) {
  $('#x').html('<b>' + name + '</b>'); // hole
  $('#x').text(name); // safe
}
module.exports = { show, showSafe, list, clear, hash, jquery };
