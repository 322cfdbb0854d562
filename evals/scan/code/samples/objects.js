const _ = require('lodash');
const serialize = require('node-serialize');
const yaml = require('js-yaml');
const express = require('express');
const app = express();

app.post('/a', (req, res) => {
  _.merge({}, req.body); // hole
  _.merge({}, { a: 1 }); // safe
  serialize.unserialize(req.body.data); // hole
  yaml.load(req.body.text); // safe
  JSON.parse(req.body.text); // safe
  eval(req.body.code); // hole
  new Function(req.body.code)(); // hole
  setTimeout(() => eval('1'), 10); // safe
  setTimeout(req.body.code, 10); // hole
  new RegExp(req.body.pattern); // hole
  new RegExp('^a$'); // safe
  res.end();
});
function setDeep(target, keys, value) {
  const last = keys.pop();
  for (const key of keys) {
    target = target[key];
  }
  target[last] = value; // hole
}
function setDeepSafe(target, keys, value) {
  const last = keys.pop();
  for (const key of keys) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') return;
    target = target[key];
  }
  target[last] = value; // safe
}
function extend(target, ...sources) {
  for (const source of sources) {
    for (const key in source) {
      if (isObject(source[key]) && isObject(target[key])) extend(target[key], source[key]);
      else target[key] = source[key]; // hole
    }
  }
  return target;
}
function index(rows) {
  const out = {};
  for (const row of rows) out[row.id] = row; // safe
  return out;
}
function copy(list) {
  const out = [];
  for (let i = 0; i < list.length; i++) out[i] = list[i]; // safe
  return out;
}
const bad = /^(\w+\s?)*$/; // hole
const good = /^\w+( \w+)*$/; // safe
const nested = /(a|aa)+$/; // hole
function template(source) {
  return _.template(source); // safe
}
app.post('/t', (req, res) => {
  res.send(_.template(req.body.t)({})); // hole
});
module.exports = { setDeep, setDeepSafe, extend, index, copy, bad, good, nested, template };
