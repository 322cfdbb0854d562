module.exports = function set(object, path, value) {
  const parts = path.split('.');
  let at = object;
  for (let i = 0; i < parts.length - 1; i++) {
    if (typeof at[parts[i]] !== 'object') at[parts[i]] = {};
    at = at[parts[i]];
  }
  at[parts[parts.length - 1]] = value;
  return object;
};
