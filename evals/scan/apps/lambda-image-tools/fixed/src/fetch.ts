import type { APIGatewayProxyEvent } from 'aws-lambda';

const HOSTS = new Set(['images.example.com']);

export const handler = async (event: APIGatewayProxyEvent) => {
  const target = new URL(event.queryStringParameters?.url ?? '');
  if (!HOSTS.has(target.hostname)) return { statusCode: 400, body: '' };
  const response = await fetch(target);
  return { statusCode: response.status, body: '' };
};
