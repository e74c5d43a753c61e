// The published web-llm with a model library on the GPU of this machine, in Node 26 or newer with Dawn (npm package webgpu):
//   node chat-in-node.mjs WEB_LLM/lib/index.js FOLDER MODEL...
// FOLDER holds MODEL/ (converted weights) and MODEL.wasm. Prints one line of JSON a model: answer, milliseconds for a decoded
// token and for a latent step, dispatches, and the largest hidden state, and fails if one is not finite.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { create, globals } from 'webgpu';

const [engineFile, folder, ...models] = process.argv.slice(2);
Object.assign(globalThis, globals);
const gpu = create(['enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia']);
Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'Node' }, configurable: true });
const entries = new Map();
const keyOf = (request) => (typeof request === 'string' ? request : request.url);
const cache = {
    match: async (request) => entries.get(keyOf(request))?.clone(),
    put: async (request, response) => { entries.set(keyOf(request), response); },
    add: async (request) => { entries.set(keyOf(request), await fetch(request)); },
    delete: async (request) => entries.delete(keyOf(request)),
    keys: async () => [...entries.keys()].map((url) => ({ url })),
};
globalThis.caches = { open: async () => cache, has: async () => true, delete: async () => entries.clear() };

const server = createServer(async (request, response) => {
    try {
        response.end(await readFile(join(folder, decodeURI(request.url).replace('resolve/main/', ''))));
    } catch (e) {
        response.statusCode = 404;
        response.end(String(e.message));
    }
});
await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
const origin = `http://localhost:${server.address().port}`;
// tvmjs and the tokenizer look for a browser
globalThis.window = globalThis;
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: undefined } });
globalThis.location = { origin, href: origin };
const { MLCEngine } = await import(pathToFileURL(engineFile).href);

function halfToFloat(bits) {
    const exponent = bits >> 10 & 31;
    const fraction = bits & 1023;
    const size = exponent === 0 ? fraction * 2 ** -24
        : exponent === 31 ? (fraction ? NaN : Infinity) : (1024 + fraction) * 2 ** (exponent - 25);
    return bits & 0x8000 ? -size : size;
}

function counter(pipeline, name) {
    const { tvm } = pipeline;
    return tvm.withNewScope(() => tvm.getGlobalFunc(`recursivemas.${name}`)());
}

/** Latent steps that feed the last hidden state back, without a read-back in between. */
async function latent(pipeline, steps) {
    const { tvm, vm, device, kvCache, params } = pipeline;
    pipeline.resetChat();
    tvm.beginScope();
    const decode = vm.getFunction('decode_last_hidden');
    const shape = (n) => tvm.makeShapeTuple([n]);
    let state = pipeline.embed(tvm.empty([1], 'int32', device).copyFrom([5]), params);
    state = state.view([1, 1, state.shape[1]]);
    await device.sync();
    const before = counter(pipeline, 'dispatches');
    const start = performance.now();
    for (let i = 0; i < steps; ++i) {
        pipeline.fKVCacheBeginForward(kvCache, shape(0), shape(1));
        state = decode(state, kvCache, params).get(0);
        pipeline.fKVCacheEndForward(kvCache);
    }
    const issued = performance.now();
    await device.sync();
    const end = performance.now();
    const dispatches = (counter(pipeline, 'dispatches') - before) / steps;
    const cpu = tvm.empty(state.shape, state.dtype, tvm.cpu()).copyFrom(state);
    await device.sync();
    const bytes = cpu.toRawBytes().slice();
    const values = state.dtype === 'float16' ? Array.from(new Uint16Array(bytes.buffer), halfToFloat)
        : [...new Float32Array(bytes.buffer)];
    tvm.endScope();
    if (!values.every(Number.isFinite)) {
        throw new Error('a hidden state is not finite');
    }
    return { stepMs: (end - start) / steps, issueMs: (issued - start) / steps, dispatches,
        largest: Math.max(...values.map(Math.abs)) };
}

try {
    for (const model of models) {
        const start = performance.now();
        const engine = new MLCEngine({ appConfig: { model_list: [{ model: `${origin}/${model}/`, model_id: model,
            model_lib: `${origin}/${model}.wasm` }] }, logLevel: 'WARN' });
        await engine.reload(model);
        const reloadMs = performance.now() - start;
        const pipeline = engine.loadedModelIdToPipeline.get(model);
        const ask = () => engine.chat.completions.create({ temperature: 0, max_tokens: 64, ignore_eos: true,
            messages: [{ role: 'user', content: 'start 34 *3 -11 +27 /2' }] });
        await ask();
        const before = counter(pipeline, 'dispatches');
        const reply = await ask();
        const dispatches = (counter(pipeline, 'dispatches') - before) / reply.usage.completion_tokens;
        await latent(pipeline, 32);
        console.log(JSON.stringify({ model, reloadMs, text: reply.choices[0].message.content,
            tokenMs: reply.usage.extra.time_per_output_token_s * 1000, dispatches, latent: await latent(pipeline, 256) }));
        await engine.unload();
    }
} finally {
    server.close();
}
process.exit(0);
