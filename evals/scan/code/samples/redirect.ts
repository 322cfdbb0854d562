import express from 'express';
import { NextRequest, NextResponse } from 'next/server';
const app = express();

app.get('/a', (req, res) => {
  res.redirect(req.query.url as string); // hole
});
app.get('/b', (req, res) => {
  res.redirect(302, req.body.next); // hole
});
app.get('/c', (req, res) => {
  res.redirect('/home?from=' + req.query.from); // safe
});
app.get('/d', (req, res) => {
  const url = 'https://example.com/' + req.query.path;
  res.redirect(url); // safe
});
app.get('/e', (req, res) => {
  const url = 'https://' + req.query.host;
  res.redirect(url); // hole
});
app.get('/f', (req, res) => {
  res.header('Location', req.query.to as string); // hole
  res.sendStatus(302);
});
app.get('/g', (req, res) => {
  const target = req.query.to === 'docs' ? '/docs' : '/';
  res.redirect(target); // safe
});
app.get('/h', (req, res) => {
  const allowed = new Set(['/a', '/b']);
  if (allowed.has(String(req.query.to))) res.redirect(req.query.to as string); // safe
});
app.get('/i', (req, res) => {
  const back = req.get('Referrer') || '/';
  res.redirect(301, `${req.protocol}://${req.headers.host}${'/x'}`); // hole
});
export function GET(request: NextRequest) {
  return NextResponse.redirect(new URL('/login', request.url)); // safe
}
export function POST(request: NextRequest) {
  const next = request.nextUrl.searchParams.get('next') ?? '/';
  return NextResponse.redirect(next); // hole
}
export function PUT(request: NextRequest) {
  const next = request.nextUrl.searchParams.get('next') ?? '/';
  if (!next.startsWith('/') || next.startsWith('//')) return NextResponse.redirect('/');
  return NextResponse.redirect(next); // safe
}
