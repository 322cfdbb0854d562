import { exec } from 'node:child_process';
import { promisify } from 'node:util';
import type { APIGatewayProxyEvent } from 'aws-lambda';

const run = promisify(exec);

export const handler = async (event: APIGatewayProxyEvent) => {
  const { name, width } = JSON.parse(event.body ?? '{}');
  await run(`convert /tmp/${name} -resize ${width} /tmp/out.png`);
  return { statusCode: 200, body: JSON.stringify({ ok: true }) };
};
