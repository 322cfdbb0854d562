import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { APIGatewayProxyEvent } from 'aws-lambda';

const run = promisify(execFile);

export const handler = async (event: APIGatewayProxyEvent) => {
  const { name, width } = JSON.parse(event.body ?? '{}');
  await run('convert', [`/tmp/${Number(name)}`, '-resize', String(Number(width)), '/tmp/out.png']);
  return { statusCode: 200, body: JSON.stringify({ ok: true }) };
};
