// Runs what PlanDump wrote on a real GPU: node run-plan.mjs PLAN_RUNNER.js DUMP.json...
// Needs the npm package webgpu (Dawn). Prints a line for each call and ends with status 1 if a result is off.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import vm from 'node:vm';
import { create, globals } from 'webgpu';

Object.assign(globalThis, globals);
const [runnerFile, ...dumps] = process.argv.slice(2);
if (!dumps.length) {
    console.error('usage: run-plan.mjs PLAN_RUNNER.js DUMP.json...');
    process.exit(2);
}
vm.runInThisContext(await readFile(runnerFile, 'utf8'), { filename: runnerFile });
const gpu = create(['enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia']);
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
    for (const call of dump.calls) {
        const position = runner.position;
        const result = (await runner.call(call.function, call.tensors)).outputs[0];
        const bytes = bytesOf(result.data);
        const actual = result.dtype === 'float16' ? halves(bytes) : new Float32Array(bytes.buffer);
        const off = worst(new Float32Array(bytesOf(call.expected).buffer), actual);
        const right = off <= call.tolerance;
        failures += right ? 0 : 1;
        console.log(`${right ? 'ok   ' : 'WRONG'} ${name} ${call.function} at ${position} n ${[1, ...call.tensors[0].shape].at(call.tensors[0].shape.length > 1 ? -2 : -1)}: `
            + `off by ${off.toExponential(1)}, allowed ${call.tolerance}`);
    }
}

async function time(runner, dump, name) {
    runner.params = dump.paramBytes.map((bytes) => runner.buffer(bytes));
    runner.newState(dump.capacity);
    for (const timing of dump.timings) {
        for (const t of timing.tensors) {
            t.data = Buffer.alloc(t.shape.reduce((x, y) => x * y, 1) * (t.dtype === 'float16' ? 2 : 4)).toString('base64');
        }
        const n = timing.function.startsWith('prefill') ? ` of ${timing.tensors[0].shape[1]}` : '';
        const { milliseconds, dispatches } = await runner.time(timing.function, timing.tensors, timing.position, 20);
        console.log(`time  ${name} ${timing.function}${n} at ${timing.position}: ${milliseconds.toFixed(3)} ms, `
            + `${dispatches} dispatches`);
    }
}

for (const file of dumps) {
    const name = basename(file, '.json');
    try {
        const dump = JSON.parse(await readFile(file, 'utf8'));
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
