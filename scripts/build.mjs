// Builds dist/: one bundle with lazy chunks and source maps, and the catalogue as JSON. Runs in `prepare`, so it is
// plain JavaScript that works on every Node from 20.19 on.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('..', import.meta.url));
const final = join(root, 'dist');
// Built beside it and put in place at the end: a build that fails leaves the last good one.
const dist = join(root, `.dist-${process.pid}`);
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** Samples prove a rule in `npm run check`; the shipped catalogue does not need them. */
function withoutSamples(value) {
  if (Array.isArray(value)) return value.map(withoutSamples);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'samples')
      .map(([key, inner]) => [key, withoutSamples(inner)]),
  );
}

async function compileCatalog(folder) {
  const base = join(root, 'catalog');
  const entries = await readdir(join(base, folder), { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((name) => !/\/cases\//.test(name))
    .sort();
  const files = [];
  for (const name of names)
    files.push({ file: relative(base, name), data: withoutSamples(parse(await readFile(name, 'utf8'))) });
  await writeFile(join(dist, 'catalog', `${folder.replaceAll('/', '-')}.json`), JSON.stringify(files));
}

/** The languages of zod's messages but English: a quarter of a megabyte that every start would read and nobody hears. */
const oneLanguage = {
  name: 'one-language',
  setup(building) {
    building.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
      loader: 'js',
    }));
  },
};

/**
 * `import … from 'node:util'` asks Node for every export of the module, and some of those load half of Node (the whole of
 * its `fetch` behind `node:http`). Those are left out: they are getters, and an import of one fails this build.
 */
const leanBuiltins = {
  name: 'lean-builtins',
  setup(building) {
    building.onResolve({ filter: /^(?:node:)?(?:util|http|https)$/ }, ({ path, kind }) =>
      kind === 'require-call' ? undefined : { path: path.replace(/^node:/, ''), namespace: 'lean-builtin' },
    );
    building.onLoad({ filter: /.*/, namespace: 'lean-builtin' }, ({ path }) => {
      const found = Object.getOwnPropertyDescriptors(process.getBuiltinModule(path));
      const names = Object.keys(found).filter((name) => !found[name].get && /^[A-Za-z]\w*$/.test(name));
      return {
        contents: `const all = process.getBuiltinModule('node:${path}');
export default all;
export const { ${names.join(', ')} } = all;`,
        loader: 'js',
      };
    });
  },
};

/** `Headers` of the provider packages without the whole of Node's `fetch` behind it. */
const leanHeaders = {
  name: 'lean-headers',
  setup(building) {
    building.onLoad({ filter: /[\\/]@ai-sdk[\\/].*\.m?js$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8');
      const shim = JSON.stringify(join(root, 'packages/engine/src/providers/headers.ts'));
      return {
        contents: /\bHeaders\b/.test(code) ? `import { LeanHeaders as Headers } from ${shim};${code}` : code,
        loader: 'js',
      };
    });
  },
};

await rm(dist, { recursive: true, force: true });
await mkdir(join(dist, 'catalog'), { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: { ambit: 'packages/cli/src/bin.ts', ...manifest.ambit?.entries },
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  sourcesContent: false,
  // Its ES modules: a chunk made of the CommonJS ones would export no names to `await import('yaml')`.
  alias: { yaml: join(root, 'node_modules', 'yaml', 'browser', 'index.js') },
  external: Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }),
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [oneLanguage, leanBuiltins, leanHeaders],
  // Every chunk has it, few need it: the function is made at the first call.
  banner: {
    js: "#!/usr/bin/env node\nimport{createRequire as ambitRequire}from'node:module';let ambitRequired;const require=(id)=>(ambitRequired??=ambitRequire(import.meta.url))(id);",
  },
  logLevel: 'warning',
});
// The rules for secrets also by themselves: every session needs those, few the others.
for (const folder of [
  'rules',
  'rules/secrets',
  'frameworks',
  'criteria',
  'policies',
  'review',
  'hooks',
  'lint',
  'models',
  'mcp',
])
  await compileCatalog(folder);
await rm(final, { recursive: true, force: true });
await rename(dist, final);
