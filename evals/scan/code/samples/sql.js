const mysql = require('mysql');
const pg = require('pg');
const mssql = require('mssql');
const knex = require('knex')({ client: 'pg' });
const { Sequelize, QueryTypes } = require('sequelize');
const sequelize = new Sequelize(process.env.DATABASE_URL);
const connection = mysql.createConnection({ host: 'localhost' });

function byName(name, done) {
  const query = 'SELECT * FROM users WHERE name = "' + name + '"';
  connection.query(query, done); // hole
}

function byNameSafe(name, done) {
  connection.query('SELECT * FROM users WHERE name = ?', [name], done); // safe
}

async function inline(id) {
  const client = new pg.Client();
  await client.connect();
  return client.query(`SELECT * FROM orders WHERE id = ${id}`); // hole
}

async function constants() {
  const client = new pg.Client();
  const table = 'orders';
  return client.query(`SELECT * FROM ${table} WHERE total > 10`); // safe
}

async function concatMethod(req, res) {
  const text = 'SELECT * FROM people WHERE city = '.concat(req.query.city);
  res.json(await connection.query(text)); // hole
}

async function request(req, res) {
  const result = await new mssql.Request().query('SELECT * FROM t WHERE a = ' + req.params.a); // hole
  res.json(result);
}

async function requestInput(req, res) {
  const result = await new mssql.Request().input('a', mssql.Int, req.params.a).query('SELECT * FROM t WHERE a = @a'); // safe
  res.json(result);
}

async function raw(req, res) {
  res.json(await knex.raw('select * from users where id = ' + req.query.id)); // hole
  res.json(await knex.raw('select * from users where id = ?', [req.query.id])); // safe
  res.json(await knex('users').whereRaw(`name = '${req.query.name}'`)); // hole
  res.json(await knex('users').where({ name: req.query.name })); // safe
}

async function seq(req, res) {
  res.json(await sequelize.query(`SELECT * FROM users WHERE email = '${req.body.email}'`, { type: QueryTypes.SELECT })); // hole
  const rows = await sequelize.query('SELECT * FROM users WHERE email = :email', { replacements: { email: req.body.email } }); // safe
  res.json(rows);
}

async function arrayJoin(req, res) {
  const sql = ['SELECT * FROM logs', 'WHERE level = ' + req.query.level].join(' ');
  res.json(await connection.query(sql)); // hole
}

async function conditional(req, res) {
  let sql = 'SELECT * FROM items';
  if (req.query.type) {
    sql += ` WHERE type = '${req.query.type}'`;
  }
  sql += ' ORDER BY id';
  connection.query(sql, (err, rows) => res.json(rows)); // hole
}

async function viaHelper(req, res) {
  const run = (statement) => connection.query(statement); // hole
  res.json(await run('DELETE FROM items WHERE id = ' + req.params.id));
}

async function number(req, res) {
  const id = Number(req.params.id);
  res.json(await connection.query('SELECT * FROM items WHERE id = ' + id)); // safe
  res.json(await connection.query(`SELECT * FROM items LIMIT ${parseInt(req.query.n, 10)}`)); // safe
}

async function mapped(req, res) {
  const columns = { name: 'name', date: 'created_at' };
  const column = columns[req.query.sort] || 'id';
  res.json(await connection.query(`SELECT * FROM items ORDER BY ${column}`)); // safe
}

async function ternary(req, res) {
  const direction = req.query.dir === 'desc' ? 'DESC' : 'ASC';
  res.json(await connection.query(`SELECT * FROM items ORDER BY id ${direction}`)); // safe
}

async function placeholders(req, res) {
  const ids = req.body.ids;
  const marks = ids.map(() => '?').join(',');
  res.json(await connection.query(`SELECT * FROM items WHERE id IN (${marks})`, ids)); // safe
}

class Repository {
  constructor(db) {
    this.db = db;
  }
  find(email) {
    return this.db.query("SELECT * FROM accounts WHERE email = '" + email + "'"); // hole
  }
  findSafe(email) {
    return this.db.query('SELECT * FROM accounts WHERE email = $1', [email]); // safe
  }
}
module.exports = { byName, byNameSafe, inline, constants, concatMethod, request, requestInput, raw, seq, arrayJoin, conditional, viaHelper, number, mapped, ternary, placeholders, Repository };
