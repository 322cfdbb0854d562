import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { openWorkingCopy } from '../working-copy/index.ts';
import type { WorkingCopy, WorkingCopyKind } from '../working-copy/working-copy.ts';
import type { SandboxCatalog } from './catalog.ts';
import { childEnvironment } from './environment.ts';
import type { LinuxOptions } from './linux.ts';
import type { Sandbox, SandboxRequest, SandboxResult } from './sandbox.ts';

export interface Subject {
  name: string;
  make(options: LinuxOptions): Sandbox;
  catalog: SandboxCatalog;
  /** Kind of working copy to run on. */
  copies: WorkingCopyKind;
  /** Why it cannot be tested here. */
  skip?: string;
}

interface Lab {
  root: string;
  workspace: string;
  sibling: string;
  copy: WorkingCopy;
  sandbox: Sandbox;
  run(shell: string, more?: Partial<SandboxRequest>): Promise<SandboxResult>;
  request(shell: string, more?: Partial<SandboxRequest>): Promise<SandboxRequest>;
}

const limits = { wallSeconds: 30, processes: 120, memoryMegabytes: 1_024, outputBytes: 64_000, fileMegabytes: 64 };

async function makeLab(t: TestContext, subject: Subject): Promise<Lab> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ambit-sb-')));
  const [workspace, sibling, home] = ['work space', 'sibling', 'home'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [workspace, sibling, join(home, '.aws')]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(sibling, 'keep.txt'), 'CANARY-SIBLING\n');
  writeFileSync(join(home, '.aws/credentials'), 'CANARY-HOME\n');
  writeFileSync(join(workspace, 'README.md'), '# demo\n');
  writeFileSync(join(workspace, '.env'), 'TOKEN=CANARY-ENV-FILE\n');
  mkdirSync(join(workspace, 'secrets'));
  writeFileSync(join(workspace, 'secrets/key.pem'), 'CANARY-PEM\n');
  symlinkSync(sibling, join(workspace, 'vendor'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t.invalid', ...args], {
      cwd: workspace,
      stdio: 'ignore',
    });
  git('init', '-q', '.');
  git('add', 'README.md');
  git('commit', '-qm', 'one');
  const copy = await openWorkingCopy({ workspace, stateDir: join(root, 'state'), prefer: [subject.copies] });
  t.after(async () => {
    await copy.discard();
    rmSync(root, { recursive: true, force: true });
  });
  const path = process.env['PATH'] ?? '';
  const sandbox = subject.make({ system: subject.catalog.system, home: homedir(), path, node: process.execPath });
  const own = { ...process.env, AWS_SECRET_ACCESS_KEY: 'CANARY-VARIABLE', HOME: home };
  const env = childEnvironment(own, subject.catalog.environment, { path, workspace, installs: true });
  const request = async (shell: string, more: Partial<SandboxRequest> = {}): Promise<SandboxRequest> => ({
    command: { shell },
    cwd: workspace,
    env,
    view: await copy.view(),
    hosts: [],
    limits,
    protect: subject.catalog.environment.protect,
    hide: [{ path: '.env', shows: 'TOKEN=\n' }, { path: 'secrets' }],
    ...more,
  });
  const run = async (shell: string, more?: Partial<SandboxRequest>) => {
    const result = await sandbox.run(await request(shell, more));
    await copy.settled();
    return result;
  };
  return { root, workspace, sibling, copy, sandbox, run, request };
}

async function listener(t: TestContext): Promise<{ port: number; hits(): number }> {
  let hits = 0;
  const server = createServer((_, response) => {
    hits++;
    response.end('reached\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => new Promise((resolve) => server.close(resolve)));
  return { port: (server.address() as AddressInfo).port, hits: () => hits };
}

const alive = (pattern: string) => {
  const found = spawnLines('ps', ['-eo', 'args']);
  return found.filter((line) => line.includes(pattern) && !line.startsWith('ps ')).length;
};
const spawnLines = (program: string, args: string[]) => execFileSync(program, args, { encoding: 'utf8' }).split('\n');
const fetchScript = (url: string) =>
  `node -e "fetch('${url}').then(async (r) => console.log(r.status, await r.text()), (e) => { console.log('FAILED', e.cause?.code); process.exit(7); })"`;

/** What every sandbox promises. Each refusal is shown by the effect that is missing, each with something that works. */
export function sandboxContract(subject: Subject): void {
  describe(`sandbox ${subject.name} on ${subject.copies}`, subject.skip ? { skip: subject.skip } : {}, () => {
    test("a command runs in the workspace's own path; what it writes is a change and not in the workspace", async (t) => {
      const { run, copy, workspace } = await makeLab(t, subject);
      const result = await run(
        'pwd && cat README.md && echo new > made.txt && mkdir -p deep/er && mv README.md READ.md',
      );
      assert.deepEqual(
        [result.exitCode, result.output, result.timedOut, result.killed],
        [0, `${workspace}\n# demo\n`, false, false],
      );
      assert.deepEqual(
        (await copy.changes()).map((change) => `${change.kind} ${change.path}`),
        ['deleted README.md', 'created READ.md', 'created deep/er', 'created made.txt'].sort((a, b) =>
          (a.split(' ')[1] ?? '') < (b.split(' ')[1] ?? '') ? -1 : 1,
        ),
      );
      assert.ok(existsSync(join(workspace, 'README.md')) && !existsSync(join(workspace, 'made.txt')));
      assert.equal((await run('exit 3')).exitCode, 3);
      assert.equal((await run('kill -SEGV $$')).signal, 'SIGSEGV');
    });

    test('reads nothing but the system and the working copy', async (t) => {
      const { run, sibling, root } = await makeLab(t, subject);
      const seen = await run(
        `cat '${sibling}/keep.txt' ../sibling/keep.txt vendor/keep.txt '${root}/home/.aws/credentials' ~/.aws/credentials; ls -A '${root}' ~ /root /home; cat /etc/shadow /proc/1/environ`,
      );
      assert.doesNotMatch(seen.output, /CANARY/);
      assert.doesNotMatch(seen.output, /^root:[^x]/m);
      const works = await run(
        'ls /usr/bin/env && node -e "console.log(1+1)" && git --version && cat /etc/passwd | head -1',
      );
      assert.equal(works.exitCode, 0, works.output);
    });

    test('writes nothing outside, deletes nothing outside', async (t) => {
      const { run, sibling, root } = await makeLab(t, subject);
      const canary = join(tmpdir(), `ambit-canary-${process.pid}`);
      await run(
        `echo PWNED > '${canary}'; echo PWNED >> ~/.bashrc; echo PWNED > vendor/x; rm -rf ../sibling; find ../sibling -delete; echo PWNED > /usr/PWNED; echo PWNED > /etc/PWNED; echo PWNED > '${root}/PWNED'; ln -s '${sibling}' link; echo PWNED > link/x`,
      );
      assert.equal(existsSync(canary), false);
      assert.equal(readFileSync(join(sibling, 'keep.txt'), 'utf8'), 'CANARY-SIBLING\n');
      for (const path of ['/usr/PWNED', '/etc/PWNED', join(root, 'PWNED'), join(sibling, 'x')])
        assert.equal(existsSync(path), false, path);
      const kept = await run('echo a > /tmp/a && echo b > ~/b && true');
      assert.equal(kept.exitCode, 0);
      assert.equal((await run('cat /tmp/a ~/b')).output, 'a\nb\n', 'the private folders last for the run');
    });

    test('protected paths cannot be written, renamed away or made when absent', async (t) => {
      const { run, copy, workspace } = await makeLab(t, subject);
      const script = [
        'mkdir -p .kiro/settings .vscode',
        'echo PWNED > .git/hooks/pre-commit',
        'echo PWNED >> .git/config',
        'git config core.fsmonitor PWNED',
        'echo PWNED > .kiro/settings/mcp.json',
        'echo PWNED > .vscode/settings.json',
        'echo PWNED > .mcp.json',
        'mv .kiro k && mkdir -p .kiro/settings && echo PWNED > .kiro/settings/mcp.json',
        'mv .git g && mkdir -p .git/hooks && echo PWNED > .git/hooks/pre-commit',
        'rm -rf .git/hooks .vscode .mcp.json; ln -s /tmp .vscode',
        'cp README.md .git/x && mv .git/x .git/config',
      ];
      await run(script.join('; '));
      assert.deepEqual(
        (await copy.changes({ skip: (path) => path.startsWith('.git/') && !/^\.git\/(hooks|config)/.test(path) })).map(
          (one) => one.path,
        ),
        [],
      );
      assert.doesNotMatch(readFileSync(join(workspace, '.git/config'), 'utf8'), /PWNED/);
      const works = await run(
        'echo 1 > src.txt && git add -A && git commit -qm two && git status --short && git log --oneline | wc -l',
      );
      assert.equal(works.output.trim(), '2', 'git works, and placeholders are not in its way');
    });

    test("placeholders of protected paths do not exist for the run's own file access, until something is written", async (t) => {
      const { run, copy } = await makeLab(t, subject);
      const before = await copy.list('.');
      await run('true');
      assert.deepEqual(await copy.list('.'), before);
      for (const path of ['.kiro', '.kiro/settings', '.mcp.json', '.vscode'])
        assert.equal(await copy.exists(path), false, path);
      await copy.write('.kiro/notes.md', 'x');
      assert.deepEqual(await copy.list('.kiro'), [{ name: 'notes.md', type: 'file' }]);
      assert.deepEqual(
        (await copy.changes({ skip: (path) => path === '.git' })).map((one) => one.path),
        ['.kiro/notes.md'],
      );
    });

    test('links that leave the workspace lead to empty folders, wherever a run has put links of its own', async (t) => {
      const { run, sibling } = await makeLab(t, subject);
      const outward = [sibling, '/opt/nowhere/lib', '/tmp/put/here'];
      const seen = await run('ls -A vendor && test -d /opt/nowhere/lib && test -d /tmp/put/here && echo THERE', {
        outward,
      });
      assert.equal(seen.output, 'THERE\n');
      await run(`rm -rf /tmp/put && ln -s '${sibling}' /tmp/put`, { outward });
      await run('true', { outward });
      assert.equal(existsSync(join(sibling, 'here')), false);
    });

    test('git settings of a run are its own: obeyed by git, and not in the repository', async (t) => {
      const { run, workspace } = await makeLab(t, subject);
      const before = readFileSync(join(workspace, '.git/config'), 'utf8');
      const seen = await run(
        'git config user.name "A B" && git config --local user.email a@b.invalid && git -C . config --add x.y 1 && git config user.name && git config --get user.email && git config --get core.bare && echo 1 > n && git add n && git commit -qm n && git log -1 --format=%an',
      );
      assert.equal(seen.output, 'A B\na@b.invalid\nfalse\nA B\n');
      assert.equal(readFileSync(join(workspace, '.git/config'), 'utf8'), before);
    });

    test('git may replace its settings file; what is not for a run to set is taken back', async (t) => {
      const { run, workspace, copy } = await makeLab(t, subject);
      const before = readFileSync(join(workspace, '.git/config'), 'utf8');
      const protect = subject.catalog.environment.protect.filter((path) => path !== '.git/config');
      const line =
        'git remote add up https://example.com/x.git && git checkout -q -b a && git branch c && git branch -q -u c && git branch -m a b && git remote';
      assert.equal((await run(line, { protect })).output, 'up\n');
      assert.equal((await run('git rev-parse --abbrev-ref @{u}', { protect })).output, 'c\n');
      for (const script of [
        'git config -f .git/config core.fsmonitor PWNED',
        'rm .git/config; ln -s ../PWNED .git/config',
        'echo PWNED > .git/x; mv .git/x .git/config',
      ]) {
        await run(script, { protect });
        assert.equal(Buffer.from(await copy.read('.git/config')).toString(), before, script);
      }
      assert.equal(readFileSync(join(workspace, '.git/config'), 'utf8'), before);
    });

    test('`ls` leaves out what only stands in place of protected files, and nothing else', async (t) => {
      const { run, workspace } = await makeLab(t, subject);
      const names = async (line: string) => (await run(line)).output.split('\n').filter((name) => name !== '');
      const there = readdirSync(workspace);
      assert.deepEqual((await names('ls -A')).sort(), [...there].sort());
      assert.ok((await names('cd secrets && ls -A ..')).includes('.vscode'));
      await run('mkdir -p .kiro/specs .empty && echo 1 > .kiro/specs/a && echo 1 > .own');
      assert.deepEqual((await names('ls -A .')).sort(), [...there, '.kiro', '.own', '.empty'].sort());
    });

    test('git moves a folder, as it is in the index', async (t) => {
      const { run } = await makeLab(t, subject);
      const made =
        'mkdir -p "a b" && echo 1 > "a b/one" && echo 2 > "a b/own" && git add "a b/one" && git commit -qm a';
      assert.equal((await run(made)).exitCode, 0);
      const seen = await run(
        'git mv "a b" c && git status --short && ls -d a*; ls c; git mv README.md c && git mv nothing x',
      );
      assert.match(seen.output, /^R {2}"a b\/one" -> c\/one\n/);
      assert.match(seen.output, /\none\nown\n/);
      assert.match(seen.output, /bad source/);
    });

    test('hidden files are seen by name and not by content', async (t) => {
      const { run } = await makeLab(t, subject);
      const seen = await run(
        "cat .env secrets/key.pem; cp .env copied; cat copied; mv .env moved; rm .env; ln .env hard; cat moved hard; node -e \"console.log(require('fs').readFileSync('.env','utf8'))\"; ls",
      );
      assert.doesNotMatch(seen.output, /CANARY/);
      assert.match(seen.output, /TOKEN=\n/);
      assert.match(seen.output, /secrets/);
    });

    test('a socket in the workspace, once hidden, does not lead out', async (t) => {
      const { run, workspace } = await makeLab(t, subject);
      let hits = 0;
      const server = createTcpServer((socket) => {
        hits++;
        socket.end('reached');
      });
      server.listen(join(workspace, 'daemon.sock'));
      await once(server, 'listening');
      t.after(() => new Promise((resolve) => server.close(resolve)));
      const script = `node -e "const s = require('net').connect('daemon.sock'); s.on('data', (d) => console.log(String(d))); s.on('error', (e) => console.log(e.code))"`;
      assert.doesNotMatch((await run(script, { hide: [{ path: 'daemon.sock' }] })).output, /reached/);
      assert.equal(hits, 0);
    });

    test('the environment is what was given and nothing else', async (t) => {
      const { run, request, sandbox } = await makeLab(t, subject);
      const seen = await run('env; cat /proc/self/environ /proc/*/environ | tr "\\0" "\\n"');
      assert.doesNotMatch(seen.output, /CANARY/);
      assert.match(seen.output, /HOME=\/home\/agent\n/);
      for (const name of ['LD_PRELOAD', 'BASH_ENV', 'ENV']) {
        const { env, ...rest } = await request('true');
        await assert.rejects(sandbox.run({ ...rest, env: { ...env, [name]: 'x' } }), { code: 'denied' });
      }
    });

    test('no network: neither this machine nor others, no names; its own loopback works', async (t) => {
      const { run } = await makeLab(t, subject);
      const { port, hits } = await listener(t);
      const seen = await run(
        `${fetchScript(`http://127.0.0.1:${port}/exfil`)}; ${fetchScript(`http://localhost:${port}/`)}; getent hosts example.com; cat /proc/net/route | wc -l`,
      );
      assert.equal(hits(), 0);
      assert.match(seen.output, /FAILED/);
      const own = await run(`node -e "
        const s = require('http').createServer((q, r) => r.end('own'));
        s.listen(0, '127.0.0.1', async () => { console.log(await (await fetch('http://127.0.0.1:' + s.address().port)).text()); s.close(); });"`);
      assert.equal(own.output, 'own\n');
    });

    test('a granted host is reached through the proxy, every other one is refused and told', async (t) => {
      const { run } = await makeLab(t, subject);
      const granted = await listener(t);
      const other = await listener(t);
      const hosts = [`localhost:${granted.port}`];
      const node = `node -e "
        const http = require('http');
        for (const port of [${granted.port}, ${other.port}])
          http.get({ host: '127.0.0.1', port: 3128, path: 'http://localhost:' + port + '/' }, (r) => { r.resume(); r.on('end', () => console.log(port, r.statusCode)); });"`;
      const seen = await run(node, { hosts });
      assert.match(seen.output, new RegExp(`${granted.port} 200`));
      assert.match(seen.output, new RegExp(`${other.port} 403`));
      assert.deepEqual([granted.hits(), other.hits()], [1, 0]);
      assert.deepEqual(seen.refusedHosts, [`localhost:${other.port}`]);
      assert.equal((await run('exit 5', { hosts })).exitCode, 5);
      assert.equal((await run('kill -TERM $$', { hosts })).signal, 'SIGTERM');
    });

    test("nothing of the machine's sockets, processes or devices", async (t) => {
      const { run } = await makeLab(t, subject);
      const seen = await run(
        'ls /var/run /run; ls -d /proc/[0-9]* | wc -l; cat /dev/sda /dev/vda /dev/mem 2>&1 | head -c 100; for f in $(find /proc/sys/kernel /proc/sys/vm /proc/sys/fs -maxdepth 1 -type f); do { cat $f > /tmp/v && cat /tmp/v > $f && echo WRITABLE $f; } 2>/dev/null; done; unshare -Ur true; mount -t tmpfs none /mnt; chroot / true',
      );
      assert.doesNotMatch(seen.output, /docker|dbus|systemd/);
      const count = Number(/^(\d+)$/m.exec(seen.output)?.[1]);
      assert.ok(count < 12, seen.output);
      assert.doesNotMatch(seen.output, /WRITABLE/);
      const rights = await run(
        'grep -E "^(Cap(Prm|Eff|Bnd|Amb)|NoNewPrivs)" /proc/self/status; unshare -Ur echo ROOT-AGAIN',
      );
      assert.match(rights.output, /CapPrm:\s0{16}/);
      assert.match(rights.output, /CapEff:\s0{16}/);
      assert.match(rights.output, /NoNewPrivs:\s1/);
      assert.doesNotMatch(rights.output, /ROOT-AGAIN/);
    });

    test('time, memory, output and file size are bounded', async (t) => {
      const { run } = await makeLab(t, subject);
      const slow = await run('echo before; sleep 60', { limits: { ...limits, wallSeconds: 0.5 } });
      assert.deepEqual([slow.timedOut, slow.killed, slow.exitCode, slow.output], [true, true, null, 'before\n']);
      const greedy = await run('node -e "const a = []; for (;;) a.push(Buffer.alloc(1e7, 1))"', {
        limits: { ...limits, memoryMegabytes: 300 },
      });
      assert.notEqual(greedy.exitCode, 0);
      const loud = await run("node -e \"process.stdout.write('x'.repeat(3e6) + 'END')\"", {
        limits: { ...limits, outputBytes: 10_000 },
      });
      assert.ok(loud.output.length < 10_200 && loud.output.endsWith('END') && loud.output.includes('bytes left out'));
      assert.equal(loud.outputBytes, 3e6 + 3);
      assert.equal(readFileSync(loud.spill ?? '', 'utf8').length, 3e6 + 3);
      const large = await run('head -c 5000000 /dev/zero > large', { limits: { ...limits, fileMegabytes: 1 } });
      assert.notEqual(large.exitCode, 0);
    });

    // Bounded on purpose: should the limit fail, the machine that runs the tests must survive it.
    test('a run that starts too many processes ends', async (t) => {
      const { run } = await makeLab(t, subject);
      const many = 'i=0; while [ $i -lt 600 ]; do sleep 8 & i=$((i+1)); done; wait; echo all-600-ran';
      const crowd = await run(many, { limits: { ...limits, wallSeconds: 20, processes: 60 } });
      assert.ok(!crowd.output.includes('all-600-ran'));
      const few = await run('i=0; while [ $i -lt 20 ]; do sleep 0.1 & i=$((i+1)); done; wait; echo all-20-ran');
      assert.ok(few.output.includes('all-20-ran'));
    });

    test('an abort ends every process of the run at once', async (t) => {
      const { request, sandbox } = await makeLab(t, subject);
      const controller = new AbortController();
      const mark = `3${process.pid}.25`;
      const running = sandbox.run(
        await request(`(setsid sleep ${mark} &) ; nohup sleep ${mark} & echo up; sleep ${mark}`, {
          onOutput: () => controller.abort(),
        }),
        controller.signal,
      );
      const result = await running;
      assert.equal(result.killed, true);
      await gone(mark);
      await assert.doesNotReject(sandbox.run(await request('true')));
    });

    test('a background process goes on, shares the working copy live, and dies with kill and with its command', async (t) => {
      const { request, sandbox, copy, run } = await makeLab(t, subject);
      const mark = `4${process.pid}.25`;
      const script = `sleep ${mark} & echo up; while [ ! -f stop ]; do sleep 0.05; done; cat stop; sleep ${mark}`;
      const background = await sandbox.start(await request(script));
      await until(() => background.output().includes('up'));
      await copy.write('stop', 'seen by the server\n');
      await until(() => background.output().includes('seen by the server'));
      assert.equal((await run('cat stop')).output, 'seen by the server\n');
      await background.kill();
      assert.equal((await background.result).killed, true);
      await run(`(setsid sleep ${mark} > /dev/null 2>&1 &); true`);
      await gone(mark);
    });

    test('a program in the workspace, and a folder outside it, are refused', async (t) => {
      const { request, sandbox, workspace, copy } = await makeLab(t, subject);
      await copy.write('git', '#!/bin/sh\necho PWNED > pwned\n', 0o755);
      const planted = { ...(await request('')), command: { program: join(workspace, 'git'), args: [] } };
      await assert.rejects(sandbox.run(planted), { code: 'denied' });
      await assert.rejects(sandbox.run({ ...(await request('true')), cwd: '/' }), { code: 'denied' });
      const found = await sandbox.run(await request('command -v git'));
      assert.doesNotMatch(found.output, new RegExp(workspace));
      assert.equal(await copy.exists('pwned'), false);
    });

    test('a linked git worktree has its repository, whose hooks and settings stay as they are', async (t) => {
      const { root, workspace, request, sandbox } = await makeLab(t, subject);
      const linked = join(root, 'linked tree');
      const git = ['-c', 'user.name=t', '-c', 'user.email=t@t.invalid'];
      execFileSync('git', [...git, 'worktree', 'add', '-q', '-b', 'side', linked], { cwd: workspace, stdio: 'ignore' });
      const head = execFileSync('git', ['rev-parse', 'side'], { cwd: workspace, encoding: 'utf8' });
      const copy = await openWorkingCopy({
        workspace: linked,
        stateDir: join(root, 'linked-state'),
        prefer: [subject.copies],
      });
      const base = await request('');
      const run = async (shell: string) =>
        sandbox.run({ ...base, command: { shell }, cwd: linked, view: await copy.view(), hide: [] });
      const seen = await run('git status --short && git log --oneline | wc -l && cat ../sibling/keep.txt');
      assert.match(seen.output, /^1$/m);
      assert.doesNotMatch(seen.output, /CANARY|fatal/);
      const repository = join(workspace, '.git');
      await run(
        `echo PWNED > '${repository}/hooks/pre-commit'; echo PWNED >> '${repository}/config'; echo PWNED > .git; cat '${repository}/config'`,
      );
      if (subject.copies === 'overlay') {
        const made = await run(
          'echo 2 > two && git add two && git -c user.name=t -c user.email=t@t.invalid commit -qm two && git log --oneline | wc -l',
        );
        assert.equal(made.output.trim(), '2', made.output);
      }
      assert.equal(execFileSync('git', ['rev-parse', 'side'], { cwd: workspace, encoding: 'utf8' }), head);
      assert.doesNotMatch(readFileSync(join(repository, 'config'), 'utf8'), /PWNED/);
      assert.equal(existsSync(join(repository, 'hooks/pre-commit')), false);
      await copy.discard();
    });

    test('standard input is what was given, never a terminal', async (t) => {
      const { run } = await makeLab(t, subject);
      assert.equal((await run('cat', { stdin: 'given' })).output, 'given');
      assert.equal((await run('cat; test -t 0 || echo none')).output, 'none\n');
    });
  });
}

async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (done()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail('did not happen');
}

async function gone(mark: string): Promise<void> {
  await until(() => alive(`sleep ${mark}`) === 0);
}
