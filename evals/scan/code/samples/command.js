const cp = require('child_process');
const { exec, execSync, spawn, execFile } = require('child_process');
const util = require('util');
const shell = require('shelljs');
const execAsync = util.promisify(exec);

function a(args) {
  cp.exec(args); // hole
}
function b(file) {
  execSync('cat ' + file); // hole
}
async function c(branch) {
  await execAsync(`git merge ${branch}`); // hole
}
function d(file) {
  execFile('cat', [file]); // safe
}
function e() {
  exec('ls -la'); // safe
}
function f(dir) {
  const command = 'ls -la ' + dir;
  spawn(command, { shell: true }); // hole
}
function g(dir) {
  spawn('ls', ['-la', dir]); // safe
}
function h(input) {
  spawn('bash', ['-c', `echo ${input}`]); // hole
}
function i(req, res) {
  shell.exec('convert ' + req.body.name); // hole
}
function j(opts) {
  const cmd = ['tar', '-xf', opts.file].join(' ');
  execSync(cmd); // hole
}
const k = (version) => execSync(`npm view pkg@${Number(version)}`); // safe
function l(port) {
  const allowed = ['3000', '4000'];
  if (!allowed.includes(port)) throw new Error('no');
  execSync(`lsof -i :${port}`); // safe
}
function m(re, text) {
  return re.exec(text); // safe
}
class Git {
  clone(url) {
    return this.run(`clone ${url}`);
  }
  run(args) {
    return execSync('git ' + args); // hole
  }
}
function n(req, res) {
  const child = spawn(req.query.program, []); // hole
  child.stdout.pipe(res);
}
function o(name) {
  const constant = 'uname';
  const flags = { a: '-a' };
  execSync(`${constant} ${flags.a}`); // safe
}
module.exports = { a, b, c, d, e, f, g, h, i, j, k, l, m, Git, n, o };
