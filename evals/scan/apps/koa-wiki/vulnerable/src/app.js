const Koa = require('koa');
const Router = require('@koa/router');
const ejs = require('ejs');
const { exec, execFile } = require('node:child_process');

const app = new Koa();
const router = new Router();

router.get('/page', async (ctx) => {
  ctx.body = ejs.render(`<h1>${ctx.query.title}</h1>`);
});

router.post('/render', async (ctx) => {
  await new Promise((resolve) => exec(`pandoc ${ctx.request.body.file} -o out.pdf`, resolve));
  ctx.status = 204;
});

router.get('/settings', async (ctx) => {
  ctx.cookies.set('session', ctx.state.session, { httpOnly: false, secure: true, sameSite: 'lax' });
  ctx.status = 204;
});

app.use(router.routes());
app.listen(3000);
