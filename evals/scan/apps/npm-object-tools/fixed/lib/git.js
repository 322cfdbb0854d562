const { exec, execFile } = require('node:child_process');

exports.tag = function tag(name, callback) {
  execFile('git', ['tag', '--', name], callback);
};
