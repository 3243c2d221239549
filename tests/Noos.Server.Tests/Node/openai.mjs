// What OpenAI's own client for JavaScript must be able to do with our server: the first argument is the folder of its modules, the second
// the address of the server, which runs a model that says "Hello." and calls what it is told to.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [folder, address] = process.argv.slice(2);
const { default: OpenAI, toFile, BadRequestError, NotFoundError } =
  await import(pathToFileURL(createRequire(`${folder}/`).resolve('openai')).href);
const client = new OpenAI({ baseURL: `${address}v1`, apiKey: 'none', maxRetries: 0 });
const messages = [{ role: 'user', content: 'hi' }];
const weather = { name: 'weather', description: 'Tells the weather', parameters: { type: 'object', properties: {} } };

const whole = await client.chat.completions.create({ model: 'scripted', messages, n: 2, seed: 5 });
assert.deepEqual(whole.choices.map(choice => choice.message.content), ['Hello.', 'Hello.']);
assert.equal(whole.usage.prompt_tokens, 10);

let text = '';
for await (const chunk of await client.chat.completions.create({ model: 'scripted', messages, stream: true })) {
  text += chunk.choices[0]?.delta?.content ?? '';
}
assert.equal(text, 'Hello.');

const helped = client.chat.completions.stream({ model: 'scripted', messages, stream_options: { include_usage: true } });
assert.equal((await helped.finalChatCompletion()).choices[0].message.content, 'Hello.');
assert.equal((await helped.totalUsage()).completion_tokens, 2);

const called = await client.chat.completions.create({
  model: 'scripted', messages: [{ role: 'user', content: 'weather?' }], tools: [{ type: 'function', function: weather }],
});
assert.equal(called.choices[0].finish_reason, 'tool_calls');
assert.equal(called.choices[0].message.tool_calls[0].function.name, 'weather');

const response = await client.responses.create({ model: 'scripted', input: 'hi' });
assert.equal(response.output_text, 'Hello.');
const next = await client.responses.create({ model: 'scripted', input: 'more', previous_response_id: response.id });
assert.equal(next.previous_response_id, response.id);
assert.equal((await client.responses.retrieve(response.id)).output_text, 'Hello.');
assert.equal((await client.responses.inputItems.list(response.id)).data[0].content[0].text, 'hi');

const kinds = [];
const stream = client.responses.stream({ model: 'scripted', input: 'hi' });
for await (const event of stream) {
  kinds.push(event.type);
}
assert.equal(kinds[0], 'response.created');
assert.equal(kinds.at(-1), 'response.completed');
assert.equal((await stream.finalResponse()).output.find(item => item.type === 'message').content[0].text, 'Hello.');

const call = await client.responses.stream({
  model: 'scripted', input: 'weather?', tools: [{ type: 'function', strict: false, ...weather }],
}).finalResponse();
assert.equal(call.output.find(item => item.type === 'function_call').name, 'weather');

await assert.rejects(
  client.responses.create({ model: 'scripted', input: 'hi', previous_response_id: 'resp_none' }),
  error => error instanceof BadRequestError && error.code === 'previous_response_not_found');
await client.responses.delete(response.id);
await assert.rejects(client.responses.retrieve(response.id), NotFoundError);

assert.equal((await client.completions.create({ model: 'scripted', prompt: 'Once' })).choices[0].text, 'Hello.');
text = '';
for await (const chunk of await client.completions.create({ model: 'scripted', prompt: 'Once', stream: true })) {
  text += chunk.choices[0]?.text ?? '';
}
assert.equal(text, 'Hello.');

const file = await client.files.create({ file: await toFile(Buffer.from('It rains.'), 'notes.txt'), purpose: 'user_data' });
assert.equal(await (await client.files.content(file.id)).text(), 'It rains.');
assert.equal((await client.files.list()).data.length, 1);
assert.equal((await client.files.delete(file.id)).deleted, true);

assert.equal((await client.models.list()).data[0].id, 'scripted');
await assert.rejects(
  client.chat.completions.create({ model: 'scripted', messages, temperature: 9 }),
  error => error instanceof BadRequestError && error.param === 'temperature');
