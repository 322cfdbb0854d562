const express = require('express');
const { MongoClient } = require('mongodb');
const User = require('./user');
const app = express();

app.post('/a', async (req, res) => {
  const { username, password } = req.body;
  res.json(await User.findOne({ username, password })); // hole
});
app.post('/b', (req, res) => {
  User.find({ name: req.body.name }, (err, users) => res.json(users)); // hole
});
app.post('/c', (req, res) => {
  User.find({ name: { $eq: String(req.body.name) } }, (err, users) => res.json(users)); // safe
});
app.get('/d', async (req, res) => {
  const client = await MongoClient.connect(process.env.MONGO);
  const filter = req.query.filter;
  res.json(await client.db('x').collection('y').find(filter).toArray()); // hole
});
app.get('/e', async (req, res) => {
  const query = {};
  query.owner = req.query.owner;
  res.json(await User.findOne(query)); // hole
});
app.get('/f', async (req, res) => {
  res.json(await User.findById(req.params.id)); // safe
});
app.get('/g', async (req, res) => {
  const name = `${req.query.name}`;
  res.json(await User.findOne({ name })); // safe
});
app.get('/h', async (req, res) => {
  res.json(await User.find({ $where: 'this.age > ' + req.query.age })); // hole
});
app.post('/i', async (req, res) => {
  if (typeof req.body.email !== 'string') return res.sendStatus(400);
  res.json(await User.findOne({ email: req.body.email })); // safe
});
app.post('/j', async (req, res) => {
  await User.updateOne({ _id: req.body.id }, { $set: { seen: true } }); // hole
  res.end();
});
app.post('/k', async (req, res) => {
  await User.deleteMany({ owner: req.user.id }); // safe
  res.end();
});
app.get('/l', (req, res) => {
  const users = [{ id: 1 }];
  res.json(users.find((user) => user.id === req.query.id)); // safe
});
