// Writes catalog/models/models.json: context size and prices of the models Ambit's providers offer, as data. The source is
// the model table of the npm package @earendil-works/pi-ai (MIT), unpacked somewhere:
//   npm pack @earendil-works/pi-ai && tar xzf *.tgz && node scripts/models.ts package/dist/providers/data
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './files.ts';

/** Their provider files and our names. */
const providers = { anthropic: 'anthropic', openai: 'openai', google: 'google', 'amazon-bedrock': 'bedrock' } as const;

interface Cost {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite?: number;
}

interface SourceModel {
  id: string;
  type?: string;
  cost?: Cost & { tiers?: (Cost & { inputTokensAbove: number })[] };
  contextWindow?: number;
}

/** Dollars for a million tokens. */
const prices = ({ input, output, cacheRead }: Cost) => ({ input, output, cached: cacheRead });

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('name the folder with the provider files');
const models: Record<string, unknown>[] = [];
for (const [file, provider] of Object.entries(providers)) {
  const groups = JSON.parse(await readFile(join(folder, `${file}.json`), 'utf8')) as Record<
    string,
    Record<string, SourceModel>
  >;
  for (const model of Object.values(groups).flatMap((group) => Object.values(group))) {
    if ((model.type ?? 'chat') !== 'chat' || !model.cost) continue;
    const { tiers = [], ...cost } = model.cost;
    models.push({
      model: `${provider}/${model.id}`,
      ...(model.contextWindow ? { contextTokens: model.contextWindow } : {}),
      ...prices(cost),
      ...(tiers.length > 0 ? { tiers: tiers.map((tier) => ({ above: tier.inputTokensAbove, ...prices(tier) })) } : {}),
    });
  }
}
models.sort((a, b) => (String(a['model']) < String(b['model']) ? -1 : 1));
const lines = models.map((model) => `    ${JSON.stringify(model)}`);
const text = `{\n  "source": "@earendil-works/pi-ai 1.5.2, MIT; scripts/models.ts",\n  "models": [\n${lines.join(',\n')}\n  ]\n}\n`;
await writeFile(join(root, 'catalog', 'models', 'models.json'), text);
console.log(`${models.length} models`);
