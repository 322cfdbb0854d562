exports.compile = function compile(source) {
  return (data) => source.replaceAll(/\{(\w+)\}/g, (_, key) => String(data[key]));
};
