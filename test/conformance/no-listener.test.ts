// C16: no part of the product listens where others could reach it. A local server, once there is one, belongs into this
// list with the test that holds its token, Host and Origin checks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectFiles, source } from '../../scripts/files.ts';

/** Files that listen, and where: a socket file, the loopback of a sandbox's network, a sign-in's callback (oauth.test.ts). */
const listeners: Readonly<Record<string, RegExp>> = {
  'packages/guard/src/sandbox/egress/proxy.ts': /server\.listen\(join\(folder, 's'\)/,
  'packages/guard/src/sandbox/bridge.ts': /server\.listen\(Number\(port\), '127\.0\.0\.1'/,
  'packages/engine/src/mcp/oauth-callback.ts': /server\.listen\(0, '127\.0\.0\.1'/,
};

/** Files of the browser's and editors' server, each held by its own suite of token, Host and Origin. */
const localServer = /^packages\/cli\/src\/(http|ui)\//;

test('nothing listens but the listed places, and those on loopback or a socket file', () => {
  const files = projectFiles('packages/*/src/**/*.ts').filter((name) => !/\.(test|contract)\.ts$/.test(name));
  for (const name of files) {
    const text = source(name);
    if (!/\.listen\(/.test(text)) continue;
    if (localServer.test(name)) assert.match(text, /127\.0\.0\.1|::1|localhost/, `${name} listens beyond loopback`);
    else assert.match(text, listeners[name] ?? /$^/, `${name} listens and is not listed here`);
  }
});

test('no address of all interfaces stands in the product', () => {
  for (const name of projectFiles('packages/*/src/**/*.ts').filter((one) => !/\.(test|contract)\.ts$/.test(one)))
    assert.doesNotMatch(source(name), /listen\([^)]*['"](0\.0\.0\.0|::)['"]/, name);
});
