import type { APIGatewayProxyEvent } from 'aws-lambda';

const HOSTS = new Set(['images.example.com']);

export const handler = async (event: APIGatewayProxyEvent) => {
  const target = new URL(event.queryStringParameters?.url ?? '');
  const response = await fetch(target);
  return { statusCode: response.status, body: '' };
};
