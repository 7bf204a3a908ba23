// The official OpenAI client, talking to a running gateway.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI, {
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from 'openai';
import { freeKey, gateway, gathered, onceKey, recordingFetch, singleKey } from './gateway.js';

const MODEL = 'gpt-4o-mini';
const WEATHER = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
};

function client(apiKey, options = {}) {
  return new OpenAI({ baseURL: `${gateway}/v1`, apiKey, ...options });
}

function saying(content) {
  return [{ role: 'user', content }];
}

test('a whole answer', async () => {
  const { data, response } = await client(freeKey)
    .chat.completions.create({ model: MODEL, messages: saying('npm openai whole') })
    .withResponse();

  assert.equal(data.choices[0].message.content, 'Hello from upstream');
  assert.equal(data.choices[0].finish_reason, 'stop');
  assert.ok(data.usage.total_tokens > 0);
  assert.match(response.headers.get('x-request-id'), /^[0-9a-f-]{36}$/);
  assert.equal(response.headers.get('x-tollgate-model'), MODEL);
});

test('a stream, without a usage chunk nobody asked for', async () => {
  const stream = await client(freeKey).chat.completions.create({
    model: MODEL,
    messages: saying('npm openai stream'),
    stream: true,
  });
  const chunks = await gathered(stream);

  assert.equal(
    chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? '').join(''),
    'Hello from upstream',
  );
  assert.ok(chunks.every((chunk) => chunk.choices.length === 1));
  assert.ok(chunks.every((chunk) => !chunk.usage));
});

test('a stream with the usage chunk that was asked for', async () => {
  const stream = await client(freeKey).chat.completions.create({
    model: MODEL,
    messages: saying('npm openai stream with usage'),
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = await gathered(stream);

  assert.ok(chunks.at(-1).usage.completion_tokens > 0);
  assert.deepEqual(chunks.at(-1).choices, []);
});

test('a tool is called and its result answered', async () => {
  const openai = client(freeKey);
  const messages = saying('npm openai tool');
  const first = await openai.chat.completions.create({ model: MODEL, messages, tools: [WEATHER] });
  const [call] = first.choices[0].message.tool_calls;

  assert.equal(first.choices[0].finish_reason, 'tool_calls');
  assert.equal(call.function.name, 'get_weather');
  assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Ghent' });

  const second = await openai.chat.completions.create({
    model: MODEL,
    tools: [WEATHER],
    messages: [
      ...messages,
      first.choices[0].message,
      { role: 'tool', tool_call_id: call.id, content: 'rain' },
    ],
  });
  assert.equal(second.choices[0].message.content, 'It rains in Ghent.');
});

test('embeddings, in the encoding the client prefers', async () => {
  const embeddings = await client(freeKey).embeddings.create({
    model: 'text-embedding-3-small',
    input: ['npm openai one', 'npm openai two'],
  });

  assert.equal(embeddings.data.length, 2);
  assert.equal(typeof embeddings.data[0].embedding[0], 'number');
  assert.ok(embeddings.usage.prompt_tokens > 0);
});

test('the list of models', async () => {
  const names = (await gathered(client(freeKey).models.list())).map((model) => model.id);

  assert.ok(names.includes(MODEL));
  assert.ok(!names.some((name) => name.startsWith('claude-')), 'another dialect’s model');
});

test('an error of the provider keeps its status', async () => {
  const { fetch, responses } = recordingFetch();

  await assert.rejects(
    client(freeKey, { fetch }).chat.completions.create({
      model: MODEL,
      messages: saying('please fail with 400'),
    }),
    BadRequestError,
  );
  assert.equal(responses.length, 1);
});

test('a failure of the provider is retried', async () => {
  const { fetch, responses } = recordingFetch();

  await assert.rejects(
    client(freeKey, { fetch, maxRetries: 1 }).chat.completions.create({
      model: MODEL,
      messages: saying('please fail with 500'),
    }),
    InternalServerError,
  );
  assert.equal(responses.length, 2);
});

test('an unknown key', async () => {
  await assert.rejects(
    client('sk-tg-nobody').chat.completions.create({ model: MODEL, messages: saying('hello') }),
    AuthenticationError,
  );
});

test('an unknown path', async () => {
  await assert.rejects(client(freeKey).get('/nowhere'), NotFoundError);
});

test('an exhausted budget is a RateLimitError, and final', async () => {
  const { fetch, responses } = recordingFetch();
  const openai = client(onceKey, { fetch, maxRetries: 3 });
  const request = { model: MODEL, messages: saying('npm openai once a day') };
  await openai.chat.completions.create(request);

  const error = await openai.chat.completions.create(request).catch((caught) => caught);

  assert.ok(error instanceof RateLimitError, String(error));
  assert.equal(error.code, 'insufficient_quota');
  assert.equal(error.headers.get('x-should-retry'), 'false');
  assert.deepEqual(
    responses.map((response) => response.status),
    [200, 429],
  );
});

test('too many at once is retried when the other has ended', async () => {
  const leaving = new AbortController();
  const held = await client(singleKey).chat.completions.create(
    { model: MODEL, messages: saying('please hold'), stream: true },
    { signal: leaving.signal },
  );
  await held[Symbol.asyncIterator]().next();

  const { fetch, responses } = recordingFetch((response) => {
    if (response.status === 429) {
      leaving.abort();
    }
  });
  const second = await client(singleKey, { fetch, maxRetries: 5 }).chat.completions.create({
    model: MODEL,
    messages: saying('npm openai one at a time'),
  });

  assert.equal(second.choices[0].message.content, 'Hello from upstream');
  assert.equal(responses[0].status, 429);
  assert.ok(Number(responses[0].headers.get('retry-after')) >= 1);
  assert.equal(responses.at(-1).status, 200);
});
