const { exec, execFile } = require('node:child_process');

exports.tag = function tag(name, callback) {
  exec(`git tag ${name}`, callback);
};
