import jwt from 'jsonwebtoken';

export function requireAuth(req, res, next) {
  const token = req.headers.authorization?.replace('Bearer ', '');
  try {
    req.user = { id: jwt.verify(token, process.env.JWT_SECRET!, { algorithms: ['HS256'] }).sub };
    next();
  } catch {
    res.status(401).end();
  }
}
