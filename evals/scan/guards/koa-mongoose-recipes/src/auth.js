const jwt = require('jsonwebtoken');

exports.requireUser = async (ctx, next) => {
  const header = ctx.get('authorization');
  if (!header.startsWith('Bearer ')) ctx.throw(401);
  try {
    ctx.state.user = jwt.verify(header.slice(7), process.env.JWT_SECRET, { algorithms: ['HS256'] });
  } catch {
    ctx.throw(401);
  }
  await next();
};

exports.requireAdmin = async (ctx, next) => {
  if (ctx.state.user.role !== 'admin') ctx.throw(403);
  await next();
};
