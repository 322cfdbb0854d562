exports.compile = function compile(source) {
  return new Function('data', 'return `' + source + '`');
};
