import axios from 'axios';
import got from 'got';
import https from 'node:https';
import request from 'request';
import fetch from 'node-fetch';
import { Router } from 'express';
const router = Router();
const API = 'https://api.example.com';

router.get('/a', async (req, res) => {
  res.json((await axios.get(req.query.url as string)).data); // hole
});
router.get('/b', async (req, res) => {
  res.json((await axios({ method: 'get', url: req.query.url as string })).data); // hole
});
router.get('/c', async (req, res) => {
  res.json((await axios.get(`${API}/users/${req.params.id}`)).data); // safe
});
router.get('/d', (req, res) => {
  request(req.query.u as string).pipe(res); // hole
});
router.get('/e', async (req, res) => {
  const target = 'http://' + req.query.host + '/status';
  res.send(String((await fetch(target)).status)); // hole
});
router.get('/f', async (req, res) => {
  const url = new URL(req.query.url as string);
  if (url.origin !== API) return res.sendStatus(400);
  res.send(String((await fetch(url)).status)); // safe
});
router.post('/g', async (req, res) => {
  const answer = await got.post(req.body.callback, { json: { ok: true } }); // hole
  res.send(String(answer.statusCode));
});
router.post('/h', async (req, res) => {
  const answer = await got.post(API, { json: req.body }); // safe
  res.send(String(answer.statusCode));
});
router.get('/i', (req, res) => {
  https.get({ hostname: req.query.host as string, path: '/' }, (answer) => answer.pipe(res)); // hole
});
router.get('/j', async (req, res) => {
  const hosts: Record<string, string> = { eu: 'https://eu.example.com', us: 'https://us.example.com' };
  res.json((await axios.get(hosts[req.query.region as string] ?? API)).data); // safe
});
router.get('/k', async (req, res) => {
  if (!isAllowedUrl(req.query.url)) return res.sendStatus(400);
  res.json((await axios.get(req.query.url as string)).data); // safe
});
router.get('/l', async (req, res) => {
  const client = axios.create({ baseURL: API });
  res.json((await client.get('/search', { params: { q: req.query.q } })).data); // safe
});
export async function GET(req: Request) {
  const { url } = await req.json();
  return fetch(url); // hole
}
