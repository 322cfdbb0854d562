exports.requireAuth = (req, res, next) => {
  if (!req.session.userId) return res.status(401).json({ error: 'log in first' });
  next();
};
