const fs = require('fs');
const path = require('path');
const express = require('express');
const http = require('http');
const app = express();
const ROOT = path.join(__dirname, 'public');

app.get('/a', (req, res) => {
  res.sendFile(req.query.file); // hole
});
app.get('/b', (req, res) => {
  res.sendFile(req.params.name, { root: ROOT }); // safe
});
app.get('/c', (req, res) => {
  fs.readFile('./data/' + req.query.name, (err, data) => res.send(String(data.length))); // hole
});
app.get('/d', (req, res) => {
  const file = path.normalize(req.query.name).replace(/^(\.\.(\/|\\|$))+/, '');
  fs.readFile(path.join(ROOT, path.basename(file)), (err, data) => res.end()); // safe
});
http.createServer((req, res) => {
  const file = path.join(ROOT, decodeURIComponent(req.url));
  fs.createReadStream(file).pipe(res); // hole
});
http.createServer((req, res) => {
  const file = path.join(ROOT, decodeURIComponent(req.url));
  if (file.indexOf(ROOT) !== 0) {
    res.statusCode = 403;
    return res.end();
  }
  fs.createReadStream(file).pipe(res); // safe
});
http.createServer((req, res) => {
  const file = path.join(ROOT, decodeURIComponent(req.url));
  if (!file.startsWith(ROOT + path.sep)) return res.end();
  fs.createReadStream(file).pipe(res); // safe
});
app.post('/e', (req, res) => {
  fs.writeFileSync(path.join('uploads', req.body.filename), req.body.data); // hole
  res.end();
});
app.get('/f', (req, res) => {
  const name = req.query.name;
  if (name.includes('..')) return res.end();
  fs.readFile(path.join(ROOT, name), () => res.end()); // safe
});
app.get('/g', (req, res) => {
  fs.unlink(`/tmp/${Number(req.params.id)}.txt`, () => res.end()); // safe
});
app.delete('/h', async (req, res) => {
  await fs.promises.unlink(path.resolve('uploads', req.query.file)); // hole
  res.end();
});
function load(config) {
  return fs.readFileSync(config.path, 'utf8'); // safe
}
function localConfig() {
  return fs.readFileSync(path.join(__dirname, 'config.json')); // safe
}
app.get('/i', (req, res) => {
  const lang = ['en', 'de'].includes(req.query.lang) ? req.query.lang : 'en';
  res.sendFile(path.join(ROOT, `${lang}.html`)); // safe
});
module.exports = { load, localConfig };
