// What a senior engineer would laugh at: made-up actors and things, a program's own work asked for by a user, a renamed
// button as a record. One prompt a fault that the built-in author once had.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCriteria } from '@ambit/core/catalog';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { draftSpec } from './author.ts';

const catalog = parseCriteria(await readCatalogSources('criteria'));

function written(prompt: string) {
  const { requirements } = draftSpec(prompt, catalog, { specId: '00000000-0000-4000-8000-000000000000' });
  const own = requirements.requirements.filter((one) => one.feature);
  return {
    title: requirements.title,
    wants: own.map((one) => `${one.role}: ${one.want}`),
    first: own.map((one) => one.criteria[0]?.text ?? ''),
    terms: requirements.glossary.map((entry) => entry.term.toLowerCase()),
    count: requirements.requirements.reduce((sum, one) => sum + one.criteria.length, 0),
  };
}

test('what a program does of itself is asked of the System, with its trigger', () => {
  const gateway = written(
    'An IoT gateway that collects temperature readings from sensors over MQTT and alerts operators when a threshold is exceeded',
  );
  assert.deepEqual(gateway.wants, [
    'maintainer: the System to collect temperature readings from sensors over MQTT',
    'maintainer: the System to alert operators',
  ]);
  assert.equal(gateway.first[1], 'WHEN a threshold is exceeded, THE System SHALL alert operators within 60 seconds.');
  const pipeline = written('A nightly data pipeline that loads orders from S3 into Snowflake and deduplicates them');
  assert.equal(pipeline.first[0], 'WHEN the nightly run starts, THE System SHALL load orders from S3 into Snowflake.');
  assert.match(pipeline.wants[1] ?? '', /the System to deduplicate the orders$/);
  const cli = written('A CLI that converts CSV files to Parquet and prints a summary');
  assert.deepEqual(cli.first, [
    'WHEN a CSV file is given, THE System SHALL convert CSV files to Parquet.',
    'WHEN the input was read, THE System SHALL print a summary.',
  ]);
  assert.equal(
    written('Send a daily email digest of new comments to each subscriber').wants[0],
    'maintainer: the System to send a daily email digest of new comments to each subscriber',
  );
  const library = written('A library to parse and validate ICS calendar files');
  assert.match(library.wants[0] ?? '', /the System to parse ICS calendar files$/);
});

test('a change of what is there says what is different, and no record is made of it', () => {
  for (const [prompt, criterion] of [
    ['Change the default page size from 20 to 50', 'THE System SHALL use 50 in place of 20 as the default page size.'],
    ['Increase the session timeout to 30 minutes', 'THE System SHALL use 30 minutes as the session timeout.'],
    [
      'Rename the button "Save" to "Save changes" on the profile page',
      'WHEN the profile page is shown, THE System SHALL show the button Save as “Save changes”.',
    ],
    [
      'Make the login page faster',
      'WHEN the same work is measured before and after the change, THE System SHALL take less time after it.',
    ],
    [
      'Reduce memory usage of the importer',
      'WHEN the same work is measured before and after the change, THE System SHALL take less memory after it.',
    ],
    [
      'Log out users after 15 minutes of inactivity',
      'WHEN a user did nothing for 15 minutes, THE System SHALL end the session.',
    ],
    ['Add dark mode to the settings page', 'WHEN the settings page is open, THE System SHALL offer dark mode.'],
    [
      'Rate limit our public API to 100 requests per minute per key',
      'IF a caller exceeds 100 requests per minute per key, THEN THE System SHALL answer 429 with a Retry-After header.',
    ],
  ] as const) {
    const made = written(prompt);
    assert.equal(made.first[0], criterion);
    assert.deepEqual(made.terms, ['system', 'maintainer'], prompt);
    assert.ok(made.count <= 8, `${prompt}: ${made.count} criteria`);
  }
});

test('the means of a deed is no thing that is kept, and a plural keeps its letters', () => {
  assert.ok(!written('Members pay with Stripe').terms.includes('stripe'));
  assert.ok(!written('Let users sign in with GitHub').terms.includes('github'));
  assert.ok(written('Export all invoices of a month as a ZIP of PDFs').terms.includes('invoice'));
  const ward = written('Nurses record vital signs and doctors get an alert when a value is critical');
  assert.deepEqual(ward.wants, ['nurse: record a vital sign', 'doctor: get an alert']);
  assert.match(ward.first[1] ?? '', /^WHEN a value is critical, THE System SHALL reach each recipient/);
  assert.match(written("As a doctor I want to see my patients' lab results").wants[0] ?? '', /patients’ lab results$/);
});

test('what an app is for is said beside what it has besides; methods of HTTP are no things', () => {
  assert.match(
    written('Build a URL shortener with click statistics').wants.join('\n'),
    /shorten a link[\s\S]*view a report/,
  );
  assert.deepEqual(
    written('Create a REST API for managing books with GET, POST, PUT and DELETE endpoints').wants,
    ['create', 'view', 'update', 'delete'].map((verb) => `user: ${verb} a book`),
  );
});

test('a change that is said to be small is one page, whoever it is asked of', () => {
  for (const prompt of [
    'Show the app version in the footer',
    'Log the request id with every error',
    'The export button should be blue',
  ]) {
    const made = draftSpec(prompt, catalog, { specId: '00000000-0000-4000-8000-000000000000', quick: true });
    const words = made.files
      .map((file) => file.content)
      .join(' ')
      .split(/\s+/).length;
    assert.ok(words <= 500, `${prompt}: ${words} words`);
    assert.deepEqual(
      made.requirements.glossary.map((entry) => entry.term),
      ['System', 'maintainer'],
      prompt,
    );
  }
});

test('an order names nothing that is kept', () => {
  assert.ok(!written('Show the app version').terms.some((term) => term.includes('show')));
});
