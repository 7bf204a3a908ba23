// The official Anthropic client, talking to a running gateway.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic, {
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from '@anthropic-ai/sdk';
import { freeKey, gateway, gathered, onceKey, recordingFetch, singleKey } from './gateway.js';

const MODEL = 'claude-sonnet-4-5';
const WEATHER = {
  name: 'get_weather',
  description: 'The weather of a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } } },
};

function client(apiKey, options = {}) {
  return new Anthropic({ baseURL: gateway, apiKey, ...options });
}

function asking(content, more = {}) {
  return { model: MODEL, max_tokens: 64, messages: [{ role: 'user', content }], ...more };
}

test('a whole answer', async () => {
  const { data, response } = await client(freeKey)
    .messages.create(asking('npm anthropic whole'))
    .withResponse();

  assert.equal(data.content[0].text, 'Hello from upstream');
  assert.equal(data.stop_reason, 'end_turn');
  assert.ok(data.usage.output_tokens > 0);
  assert.match(response.headers.get('x-request-id'), /^[0-9a-f-]{36}$/);
});

test('a stream, gathered by the client into one message', async () => {
  const stream = client(freeKey).messages.stream(asking('npm anthropic stream'));
  const message = await stream.finalMessage();

  assert.equal(message.content[0].text, 'Hello from upstream');
  assert.equal(message.stop_reason, 'end_turn');
  assert.ok(message.usage.input_tokens > 0);
  assert.ok(message.usage.output_tokens > 0);
});

test('a beta endpoint', async () => {
  const message = await client(freeKey).beta.messages.create(
    asking('npm anthropic beta', { betas: ['context-1m-2025-08-07'] }),
  );

  assert.equal(message.content[0].text, 'Hello from upstream');
});

test('a tool is called and its result answered', async () => {
  const anthropic = client(freeKey);
  const first = await anthropic.messages.create(asking('npm anthropic tool', { tools: [WEATHER] }));
  const call = first.content.find((block) => block.type === 'tool_use');

  assert.equal(first.stop_reason, 'tool_use');
  assert.equal(call.name, 'get_weather');
  assert.deepEqual(call.input, { city: 'Ghent' });

  const second = await anthropic.messages.create({
    model: MODEL,
    max_tokens: 64,
    tools: [WEATHER],
    messages: [
      { role: 'user', content: 'npm anthropic tool' },
      { role: 'assistant', content: first.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'rain' }] },
    ],
  });
  assert.equal(second.content[0].text, 'It rains in Ghent.');
});

test('counting tokens', async () => {
  const counted = await client(freeKey).messages.countTokens({
    model: MODEL,
    messages: [{ role: 'user', content: 'npm anthropic count' }],
  });

  assert.ok(counted.input_tokens > 0);
});

test('the list of models', async () => {
  const names = (await gathered(client(freeKey).models.list())).map((model) => model.id);

  assert.ok(names.includes(MODEL));
});

test('an error of the provider keeps its status', async () => {
  const { fetch, responses } = recordingFetch();

  await assert.rejects(
    client(freeKey, { fetch }).messages.create(asking('please fail with 400')),
    BadRequestError,
  );
  assert.equal(responses.length, 1);
});

test('a failure of the provider is retried', async () => {
  const { fetch, responses } = recordingFetch();

  await assert.rejects(
    client(freeKey, { fetch, maxRetries: 1 }).messages.create(asking('please fail with 500')),
    InternalServerError,
  );
  assert.equal(responses.length, 2);
});

test('an unknown key', async () => {
  await assert.rejects(
    client('sk-tg-nobody').messages.create(asking('hello')),
    AuthenticationError,
  );
});

test('an unknown path', async () => {
  await assert.rejects(client(freeKey).get('/v1/nowhere'), NotFoundError);
});

test('an exhausted budget is a RateLimitError, and final', async () => {
  const { fetch, responses } = recordingFetch();
  const anthropic = client(onceKey, { fetch, maxRetries: 3 });
  await anthropic.messages.create(asking('npm anthropic once a day'));

  const error = await anthropic.messages
    .create(asking('npm anthropic once a day'))
    .catch((caught) => caught);

  assert.ok(error instanceof RateLimitError, String(error));
  assert.equal(error.error.error.type, 'rate_limit_error');
  assert.equal(error.headers.get('x-should-retry'), 'false');
  assert.deepEqual(
    responses.map((response) => response.status),
    [200, 429],
  );
});

test('too many at once is retried when the other has ended', async () => {
  const held = client(singleKey).messages.stream(asking('please hold'));
  await held[Symbol.asyncIterator]().next();

  const { fetch, responses } = recordingFetch((response) => {
    if (response.status === 429) {
      held.abort();
    }
  });
  const second = await client(singleKey, { fetch, maxRetries: 5 }).messages.create(
    asking('npm anthropic one at a time'),
  );

  assert.equal(second.content[0].text, 'Hello from upstream');
  assert.equal(responses[0].status, 429);
  assert.ok(Number(responses[0].headers.get('retry-after')) >= 1);
  assert.equal(responses.at(-1).status, 200);
});
