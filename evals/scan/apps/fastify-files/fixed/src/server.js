const fs = require('node:fs');
const path = require('node:path');
const fastify = require('fastify')({ logger: true });
const unzipper = require('unzipper');

const ROOT = path.resolve('files');

fastify.get('/files/*', async (request, reply) => {
  const file = path.resolve(ROOT, request.params['*']);
  if (!file.startsWith(ROOT + path.sep)) return reply.code(400).send();
  return reply.send(fs.createReadStream(file));
});

fastify.post('/unzip', async (request, reply) => {
  const archive = await unzipper.Open.file('upload.zip');
  archive.files.forEach((entry) => {
    const target = path.join(ROOT, entry.path);
    if (!target.startsWith(ROOT + path.sep)) return;
    entry.stream().pipe(fs.createWriteStream(target));
  });
  reply.code(204).send();
});

fastify.get('/find', async (request, reply) => {
  const pattern = new RegExp(escapeRegExp(String(request.query.q)));
  reply.send(fs.readdirSync(ROOT).filter((name) => pattern.test(name)));
});

function escapeRegExp(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

fastify.listen({ port: 3000 });
