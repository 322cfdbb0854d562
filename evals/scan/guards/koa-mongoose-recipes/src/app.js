const Koa = require('koa');
const Router = require('@koa/router');
const bodyParser = require('koa-bodyparser');
const helmet = require('koa-helmet');
const ratelimit = require('koa-ratelimit');
const Joi = require('joi');
const { requireUser, requireAdmin } = require('./auth');
const Recipe = require('./recipe');

const app = new Koa();
const router = new Router();
const db = new Map();

const recipeSchema = Joi.object({ title: Joi.string().max(120).required(), steps: Joi.array().items(Joi.string()).max(50) });

app.use(helmet());
app.use(bodyParser({ jsonLimit: '100kb' }));
app.use(ratelimit({ driver: 'memory', db, duration: 60000, max: 100 }));

router.get('/recipes', async (ctx) => {
  ctx.body = await Recipe.find({ published: true }).limit(50);
});

router.get('/recipes/mine', requireUser, async (ctx) => {
  ctx.body = await Recipe.find({ owner: ctx.state.user.id });
});

router.post('/recipes', requireUser, async (ctx) => {
  const { value, error } = recipeSchema.validate(ctx.request.body);
  if (error) ctx.throw(400, error.message);
  ctx.body = await Recipe.create({ title: value.title, steps: value.steps, owner: ctx.state.user.id });
  ctx.status = 201;
});

router.put('/recipes/:id', requireUser, async (ctx) => {
  const { value, error } = recipeSchema.validate(ctx.request.body);
  if (error) ctx.throw(400, error.message);
  const recipe = await Recipe.findOne({ _id: ctx.params.id, owner: ctx.state.user.id });
  if (!recipe) ctx.throw(404);
  recipe.title = value.title;
  recipe.steps = value.steps;
  await recipe.save();
  ctx.body = recipe;
});

router.delete('/recipes/:id', requireUser, async (ctx) => {
  const recipe = await Recipe.findById(ctx.params.id);
  if (!recipe) ctx.throw(404);
  if (String(recipe.owner) !== ctx.state.user.id) ctx.throw(403);
  await recipe.deleteOne();
  ctx.status = 204;
});

router.delete('/admin/recipes/:id', requireUser, requireAdmin, async (ctx) => {
  await Recipe.deleteOne({ _id: ctx.params.id });
  ctx.status = 204;
});

app.use(router.routes());
app.use(router.allowedMethods());

module.exports = app;
