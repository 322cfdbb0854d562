import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loginFor } from './registry-login.ts';

const npmrc = [
  '//npm.example/:_authToken=${NPM_TOKEN}',
  '//npm.example/team/:_authToken="closer"',
  '//old.example/:username=bot',
  `//old.example/:_password=${Buffer.from('pw').toString('base64')}`,
  '//plain.example/:_auth=abc',
  'registry=https://npm.example/',
].join('\n');
const login = (address: string) => loginFor(address, [npmrc], { NPM_TOKEN: 'from-environment' });

test('the closest setting for a registry signs in, variables are filled in', () => {
  assert.deepEqual(login('https://npm.example/'), {
    address: 'https://npm.example',
    authorization: 'Bearer from-environment',
  });
  assert.equal(login('https://npm.example/team').authorization, 'Bearer closer');
  assert.equal(login('https://old.example').authorization, `Basic ${Buffer.from('bot:pw').toString('base64')}`);
});

test('a user and password in the address become a header', () => {
  const { address, authorization } = login('https://u%40x:p@other.example/npm/');
  assert.equal(address, 'https://other.example/npm');
  assert.equal(authorization, `Basic ${Buffer.from('u@x:p').toString('base64')}`);
});

test('a login goes to its own host only, and not in the clear', () => {
  for (const address of [
    'https://npm.example.evil.example',
    'https://evil.example/npm.example',
    'https://npm.example:8443',
    'http://plain.example',
    'http://u:p@plain.example',
  ])
    assert.equal(login(address).authorization, undefined, address);
});
