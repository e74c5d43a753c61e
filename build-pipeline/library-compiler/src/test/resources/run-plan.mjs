// Runs what PlanDump wrote on a real GPU: node run-plan.mjs FOLDER [PART_OF_A_NAME...]
// Needs the npm package webgpu (Dawn). Dumps with expected results give a line each; dumps for timing get random weights,
// made on the GPU, and give a line for each function and each kernel. Ends with status 1 if a result is off.
//   node run-plan.mjs --validate FOLDER [PART_OF_A_NAME...]
// needs no GPU: Dawn compiles every kernel, those with halves too, and runs none.
import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import vm from 'node:vm';
import { gunzipSync } from 'node:zlib';
import { create, globals } from 'webgpu';

Object.assign(globalThis, globals);
const validate = process.argv[2] === '--validate';
const [folder, ...parts] = process.argv.slice(validate ? 3 : 2);
if (!folder) {
    console.error('usage: run-plan.mjs [--validate] FOLDER [PART_OF_A_NAME...]');
    process.exit(2);
}
const runnerFile = join(folder, 'plan-runner.js');
vm.runInThisContext(await readFile(runnerFile, 'utf8'), { filename: runnerFile });
const gpu = create(['enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia',
    ...(validate ? ['backend=null'] : [])]);
let failures = 0;

const bytesOf = (text) => Uint8Array.from(Buffer.from(text, 'base64'));

function halves(bytes) {
    const bits = new Uint16Array(bytes.buffer);
    return Float32Array.from(bits, (b) => {
        const sign = b & 0x8000 ? -1 : 1;
        const exponent = (b >> 10) & 31;
        const fraction = b & 1023;
        if (exponent === 31) {
            return fraction ? NaN : sign * Infinity;
        }
        return sign * (exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24);
    });
}

function floatsOf(result) {
    const bytes = bytesOf(result.data);
    return result.dtype === 'float16' ? halves(bytes) : new Float32Array(bytes.buffer);
}

/** Largest difference relative to the root mean square of what is expected. */
function worst(expected, actual) {
    if (expected.length !== actual.length) {
        return Infinity;
    }
    const rms = Math.sqrt(expected.reduce((s, v) => s + v * v, 0) / expected.length);
    let largest = 0;
    for (let i = 0; i < expected.length; i++) {
        const difference = Math.abs(expected[i] - actual[i]);
        largest = difference <= largest ? largest : difference;
    }
    return largest / rms;
}

async function check(runner, dump, name) {
    dump.params.forEach((text) => runner.addParam(text));
    runner.newState(dump.capacity);
    let largest = 0;
    for (const call of dump.calls) {
        const position = runner.position;
        const result = (await runner.call(call.function, call.tensors)).outputs[0];
        const off = worst(new Float32Array(bytesOf(call.expected).buffer), floatsOf(result));
        const right = off <= call.tolerance;
        largest = off <= largest ? largest : off;
        if (!right) {
            failures++;
            const { shape } = call.tensors[0];
            console.log(`WRONG ${name} ${call.function} at ${position} n ${[1, ...shape].at(shape.length > 1 ? -2 : -1)}: `
                + `off by ${off.toExponential(1)}, allowed ${call.tolerance}`);
        }
    }
    console.log(`check ${name}: ${dump.calls.length} calls, off by at most ${largest.toExponential(1)}`);
}

// Random values of a type, small enough that a model of them stays finite: codes of four bits, or floats of either sign
// between 1/128 and 1/64.
const FILL = `
@group(0) @binding(0) var<storage, read_write> y : array<u32>;
@group(0) @binding(1) var<uniform> p : vec4u;
fn hash(v : u32) -> u32 {
    var x = v * 747796405u + 2891336453u;
    x = ((x >> ((x >> 28u) + 4u)) ^ x) * 277803737u;
    return (x >> 22u) ^ x;
}
@compute @workgroup_size(256)
fn fill(@builtin(global_invocation_id) id : vec3u, @builtin(num_workgroups) groups : vec3u) {
    for (var i = id.x; i < p.x; i += groups.x * 256u) {
        let h = hash(i ^ p.y);
        switch p.z {
            case 2u: { y[i] = 0x20002000u | (h & 0x83ff83ffu); }
            case 4u: { y[i] = 0x3c000000u | (h & 0x807fffffu); }
            // No code above 14.
            default: { y[i] = h & ~((h & (h >> 1u) & (h >> 2u) & (h >> 3u)) & 0x11111111u); }
        }
    }
}`;

/** Fills the buffers of the parameters. */
function randomParams(runner, dump) {
    const { device } = runner;
    const pipeline = device.createComputePipeline({ layout: 'auto',
        compute: { module: device.createShaderModule({ code: FILL }), entryPoint: 'fill' } });
    runner.params = dump.params.map(({ bytes, dtype }, i) => {
        const buffer = runner.buffer(bytes);
        const uniform = device.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
        device.queue.writeBuffer(uniform, 0,
            new Uint32Array([Math.ceil(bytes / 4), 7919 * (i + 1), { float16: 2, float32: 4 }[dtype] ?? 0, 0]));
        const encoder = device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0),
            entries: [{ binding: 0, resource: { buffer } }, { binding: 1, resource: { buffer: uniform } }] }));
        pass.dispatchWorkgroups(4096);
        pass.end();
        device.queue.submit([encoder.finish()]);
        return buffer;
    });
}

/** An input of small random values. */
function input({ dtype, shape }) {
    const count = shape.reduce((x, y) => x * y, 1);
    const bytes = Buffer.alloc(count * (dtype === 'float16' ? 2 : 4));
    for (let i = 0; i < count; i++) {
        if (dtype === 'float16') {
            bytes.writeUInt16LE(0x3400 | (Math.random() * 1024) | (Math.random() < 0.5 ? 0x8000 : 0), 2 * i);
        } else {
            bytes.writeFloatLE(Math.random() - 0.5, 4 * i);
        }
    }
    return { dtype, shape, data: bytes.toString('base64') };
}

/** Milliseconds of each kernel of a call, with what it reads of the weights and how much it multiplies. */
async function profile(runner, dump, timing, name) {
    const launches = runner.variant(timing.function, timing.tensors).launches;
    const byKernel = new Map();
    launches.forEach((launch) => {
        const same = byKernel.get(launch.kernel) ?? [];
        same.push(launch);
        byKernel.set(launch.kernel, same);
    });
    const call = runner.plan.functions.find((f) => f.name === timing.function);
    for (const [kernel, same] of byKernel) {
        // The launches of all layers in turn, so that weights come from memory, not from a cache.
        const repeated = Array.from({ length: Math.ceil(24 / same.length) }, () => same).flat();
        const alone = { ...call, name: 'alone', variants: [{ guard: { op: 'CONST', a: 1 }, launches: repeated }] };
        runner.plan.functions.push(alone);
        const { milliseconds } = await runner.time('alone', timing.tensors, timing.position, 3);
        runner.plan.functions.pop();
        const each = milliseconds / repeated.length;
        const params = same[0].operands.filter((o) => o.kind === 'PARAM').map((o) => dump.params[o.index]);
        const bytes = params.reduce((sum, p) => sum + p.bytes, 0);
        const weights = Math.max(0, ...params.map((p) => p.elements));
        const n = runner.plan.kernels[kernel].name.startsWith('matrix') ? timing.tensors[0].shape[1] : 1;
        const rates = bytes > 65536 ? `, ${(bytes / each / 1e6).toFixed(0)} GB/s of weights, `
            + `${(2 * weights * n / each / 1e9).toFixed(2)} TFLOP/s` : '';
        console.log(`      ${same.length} x ${runner.plan.kernels[kernel].name}: ${each.toFixed(4)} ms${rates}`);
    }
}

async function time(runner, dump, name) {
    randomParams(runner, dump);
    runner.newState(dump.capacity);
    for (const timing of dump.timings) {
        timing.tensors = timing.tensors.map(input);
        const n = timing.function.startsWith('prefill') ? ` of ${timing.tensors[0].shape[1]}` : '';
        runner.position = timing.position;
        const result = (await runner.call(timing.function, timing.tensors)).outputs[0];
        const finite = floatsOf(result).every(Number.isFinite);
        failures += finite ? 0 : 1;
        const { milliseconds, dispatches } = await runner.time(timing.function, timing.tensors, timing.position,
            n ? 3 : 10);
        console.log(`${finite ? 'time ' : 'WRONG'} ${name} ${timing.function}${n} at ${timing.position}: `
            + `${milliseconds.toFixed(3)} ms, ${dispatches} dispatches${finite ? '' : ', not finite'}`);
        if (timing.profile) {
            await profile(runner, dump, timing, name);
        }
    }
}

const seen = new Set();

/** Compiles the kernels that no dump before had. */
async function compileOnly(plan, name) {
    const adapter = await gpu.requestAdapter();
    const device = await adapter.requestDevice({ requiredFeatures: ['shader-f16'] });
    let count = 0;
    for (const kernel of plan.kernels.filter((k) => !seen.has(k.wgsl))) {
        seen.add(kernel.wgsl);
        device.pushErrorScope('validation');
        const module = device.createShaderModule({ code: kernel.wgsl });
        // An adapter that runs nothing has 8 storage buffers a kernel, devices that WebLLM accepts have 10.
        if (kernel.wgsl.match(/var<storage/g).length <= device.limits.maxStorageBuffersPerShaderStage) {
            device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: kernel.name } });
        }
        const error = await device.popErrorScope();
        if (error) {
            failures++;
            console.log(`WRONG ${name} ${kernel.name}: ${error.message}`);
        }
        count++;
    }
    console.log(`valid ${name}: ${count} kernels that were not seen before`);
}

for (const file of (await readdir(folder)).filter((f) => f.endsWith('.json.gz')).sort()) {
    const name = basename(file, '.json.gz');
    if (parts.length && !parts.some((part) => name.includes(part))) {
        continue;
    }
    try {
        const dump = JSON.parse(gunzipSync(await readFile(join(folder, file))));
        if (validate) {
            await compileOnly(dump.plan, name);
            continue;
        }
        const runner = await PlanRunner.create(gpu, dump.plan);
        await (dump.calls ? check : time)(runner, dump, name);
        runner.device.destroy();
    } catch (e) {
        failures++;
        console.log(`WRONG ${name}: ${e.message}`);
    }
}
console.log(failures ? `${failures} failed` : 'all right');
process.exit(failures ? 1 : 0);
