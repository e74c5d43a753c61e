// Runs the functions of a library plan on a WebGPU device the way the runtime inside a model library does: explicit bind
// group layouts, whole buffers, scalars in a uniform that ends with the grid's extent, wide grids folded into z, a pass of
// its own for every dispatch. Works in a page and in Node with Dawn.
'use strict';

const BITS = { float32: 32, float16: 16, int32: 32, uint32: 32, uint8: 8 };
const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const textOf = (bytes) => {
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192) {
        text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    }
    return btoa(text);
};

globalThis.PlanRunner = class PlanRunner {
    static async create(gpu, plan) {
        const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
        if (!adapter) {
            throw new Error('no WebGPU adapter');
        }
        const requiredFeatures = ['shader-f16', 'subgroups'].filter((f) => adapter.features.has(f));
        const requiredLimits = {};
        for (const [limit, most] of Object.entries({ maxStorageBuffersPerShaderStage: 10, maxBufferSize: 1 << 30,
            maxStorageBufferBindingSize: 1 << 30 })) {
            requiredLimits[limit] = Math.min(adapter.limits[limit], most);
        }
        const device = await adapter.requestDevice({ requiredFeatures, requiredLimits });
        return new PlanRunner(device, plan);
    }

    constructor(device, plan) {
        this.device = device;
        this.plan = plan;
        this.kernels = [];
        this.params = [];
        this.scratch = [];
        this.kv = [];
        this.position = 0;
        this.capacity = 0;
        this.dispatches = 0;
        this.errors = [];
        device.addEventListener?.('uncapturederror', (e) => this.errors.push(e.error.message));
    }

    /** Compiles the kernels that a call needs and that no call before it needed. */
    async prepare(name, tensors) {
        const missing = new Set(this.variant(name, tensors).launches.map((l) => l.kernel).filter((i) => !this.kernels[i]));
        await Promise.all([...missing].map(async (i) => {
            this.kernels[i] = await this.compile(this.plan.kernels[i]);
        }));
    }

    variant(name, tensors) {
        const f = this.plan.functions.find((g) => g.name === name);
        return f.variants.find((v) => this.value(v.guard, tensors) !== 0);
    }

    async compile({ name, finfo, wgsl }) {
        const info = JSON.parse(finfo);
        if (info.name !== name) {
            throw new Error(`${name}: finfo names ${info.name}`);
        }
        const access = JSON.parse(info.launch_param_tags.find((t) => t.startsWith('paramWriteAccess:')).slice(17));
        const buffers = info.arg_types.filter((t) => t === 'handle').length;
        if (access.length !== buffers) {
            throw new Error(`${name}: ${buffers} buffers, ${access.length} access flags`);
        }
        const entries = access.map((write, binding) => ({ binding, visibility: 4,
            buffer: { type: write ? 'storage' : 'read-only-storage' } }));
        entries.push({ binding: buffers, visibility: 4, buffer: { type: 'uniform' } });
        const layout = this.device.createBindGroupLayout({ entries });
        const module = this.device.createShaderModule({ code: wgsl });
        const messages = (await module.getCompilationInfo()).messages.filter((m) => m.type === 'error');
        if (messages.length) {
            throw new Error(`${name}: ` + messages.map((m) => `${m.lineNum}:${m.linePos} ${m.message}`).join('; ') + '\n' + wgsl);
        }
        const pipeline = await this.device.createComputePipelineAsync({
            layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout] }),
            compute: { module, entryPoint: name },
        });
        const y = info.launch_param_tags.includes('blockIdx.y');
        return { info, layout, pipeline, y };
    }

    buffer(bytes) {
        return this.device.createBuffer({ size: Math.max(4, Math.ceil(bytes / 4) * 4),
            usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST });
    }

    upload(bytes, offset = 0) {
        const buffer = this.buffer(bytes.length + offset);
        const padded = new Uint8Array(Math.ceil((bytes.length + offset) / 4) * 4);
        padded.set(bytes, offset);
        if (offset) {
            padded.fill(0xff, 0, offset);
        }
        this.device.queue.writeBuffer(buffer, 0, padded);
        return buffer;
    }

    addParam(text) {
        this.params.push(this.upload(bytesOf(text)));
    }

    newState(capacity) {
        for (const buffer of this.kv) {
            buffer.destroy();
        }
        this.capacity = capacity;
        this.position = 0;
        this.kv = this.plan.kv.map((bytes) => this.buffer(bytes * capacity));
    }

    value(e, tensors) {
        const { op, a, b } = e;
        const left = () => this.value(e.left, tensors);
        const right = () => this.value(e.right, tensors);
        switch (op) {
            case 'CONST': return a;
            case 'DIM': return tensors[a].shape[b];
            case 'OFFSET': return tensors[a].offset ?? 0;
            case 'POSITION': return this.position;
            case 'CAPACITY': return this.capacity;
            case 'ADD': return left() + right();
            case 'SUB': return left() - right();
            case 'MUL': return left() * right();
            case 'DIV': return Math.floor(left() / right());
            case 'CEIL_DIV': return Math.ceil(left() / right());
            case 'MIN': return Math.min(left(), right());
            case 'MAX': return Math.max(left(), right());
            case 'EQ': return left() === right() ? 1 : 0;
            case 'LE': return left() <= right() ? 1 : 0;
            default: throw new Error('operator ' + op);
        }
    }

    /** Encodes the launches of a function; tensors have shape, dtype, offset, buffer. Returns the outputs. */
    encode(encoder, name, tensors, outputs) {
        const f = this.plan.functions.find((g) => g.name === name);
        outputs ??= f.outputs.map((o) => {
            const shape = o.shape.map((e) => this.value(e, tensors));
            const bytes = shape.reduce((x, y) => x * y, 1) * BITS[o.dtype] / 8;
            return { shape, dtype: o.dtype, bytes, buffer: this.buffer(bytes) };
        });
        this.dispatches = 0;
        for (const launch of this.variant(name, tensors).launches) {
            this.dispatch(encoder, launch, tensors, outputs);
        }
        return outputs;
    }

    dispatch(encoder, launch, tensors, outputs) {
        const kernel = this.kernels[launch.kernel];
        const name = kernel.info.name;
        let x = this.value(launch.gridX, tensors);
        const y = launch.gridY ? this.value(launch.gridY, tensors) : 1;
        if (x === 0 || y === 0) {
            return;
        }
        if (kernel.info.arg_types.length !== launch.operands.length) {
            throw new Error(`${name}: ${launch.operands.length} operands for ${kernel.info.arg_types.length} arguments`);
        }
        const entries = [];
        const scalars = new DataView(new ArrayBuffer(4 * (launch.operands.length + 1)));
        let used = 0;
        launch.operands.forEach((operand, i) => {
            const type = kernel.info.arg_types[i];
            const scalar = operand.kind === 'INT' || operand.kind === 'FLOAT';
            if (scalar !== (type !== 'handle')) {
                throw new Error(`${name}: operand ${i} is ${operand.kind}, argument is ${type}`);
            }
            if (operand.kind === 'INT') {
                scalars.setInt32(4 * used++, this.value(operand.value, tensors), true);
            } else if (operand.kind === 'FLOAT') {
                scalars.setFloat32(4 * used++, operand.number, true);
            } else {
                entries.push({ binding: entries.length, resource: { buffer: this.operandBuffer(operand, tensors, outputs) } });
            }
        });
        scalars.setUint32(4 * used++, x, true);
        const uniform = this.device.createBuffer({ size: 4 * used, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
        this.device.queue.writeBuffer(uniform, 0, scalars.buffer, 0, 4 * used);
        entries.push({ binding: entries.length, resource: { buffer: uniform } });
        let z = 1;
        while (x > 65535) {
            x = Math.ceil(x / 2);
            z *= 2;
        }
        const pass = encoder.beginComputePass();
        pass.setPipeline(kernel.pipeline);
        pass.setBindGroup(0, this.device.createBindGroup({ layout: kernel.layout, entries }));
        pass.dispatchWorkgroups(x, y, z);
        pass.end();
        this.dispatches++;
    }

    operandBuffer(operand, tensors, outputs) {
        switch (operand.kind) {
            case 'ARGUMENT': return tensors[operand.index].buffer;
            case 'OUTPUT': return outputs[operand.index].buffer;
            case 'PARAM': return this.params[operand.index];
            case 'KV': return this.kv[operand.index];
            case 'SCRATCH': {
                this.scratch[operand.index] ??= this.buffer(this.value(this.plan.scratch[operand.index], tensors));
                return this.scratch[operand.index];
            }
            default: throw new Error('operand ' + operand.kind);
        }
    }

    async read(buffer, bytes) {
        const size = Math.max(4, Math.ceil(bytes / 4) * 4);
        const staging = this.device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
        const encoder = this.device.createCommandEncoder();
        encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
        this.device.queue.submit([encoder.finish()]);
        await staging.mapAsync(GPUMapMode.READ);
        const copy = new Uint8Array(staging.getMappedRange().slice(0, bytes));
        staging.destroy();
        return copy;
    }

    tensors(list) {
        return list.map((t) => ({ ...t, buffer: this.upload(bytesOf(t.data), t.offset ?? 0) }));
    }

    /** Calls a function; a forward advances the state. Returns outputs and, after the call, the arguments. */
    async call(name, list) {
        const tensors = this.tensors(list);
        await this.prepare(name, tensors);
        this.device.pushErrorScope('validation');
        const encoder = this.device.createCommandEncoder();
        const outputs = this.encode(encoder, name, tensors);
        this.device.queue.submit([encoder.finish()]);
        const result = { outputs: [], arguments: [], dispatches: this.dispatches };
        for (const o of outputs) {
            result.outputs.push({ shape: o.shape, dtype: o.dtype, data: textOf(await this.read(o.buffer, o.bytes)) });
        }
        for (const t of tensors) {
            const bytes = t.shape.reduce((x, y) => x * y, 1) * BITS[t.dtype] / 8;
            const all = await this.read(t.buffer, bytes + (t.offset ?? 0));
            result.arguments.push({ data: textOf(all.subarray(t.offset ?? 0)) });
            t.buffer.destroy();
        }
        outputs.forEach((o) => o.buffer.destroy());
        const error = await this.device.popErrorScope();
        if (error || this.errors.length) {
            throw new Error(`${name}: ` + (error?.message ?? this.errors.join('; ')));
        }
        const f = this.plan.functions.find((g) => g.name === name);
        if (f.arguments.includes('STATE')) {
            this.position += list[0].shape[1];
        }
        return result;
    }

    /** Milliseconds of one call, over `repetitions` submitted together after a warm-up; the state stays at `position`. */
    async time(name, list, position, repetitions) {
        const tensors = this.tensors(list);
        this.position = position;
        await this.prepare(name, tensors);
        let outputs = null;
        const round = async (count) => {
            const encoder = this.device.createCommandEncoder();
            for (let i = 0; i < count; i++) {
                outputs = this.encode(encoder, name, tensors, outputs);
            }
            const start = performance.now();
            this.device.queue.submit([encoder.finish()]);
            await this.device.queue.onSubmittedWorkDone();
            return (performance.now() - start) / count;
        };
        await round(3);
        let best = Infinity;
        for (let i = 0; i < 3; i++) {
            best = Math.min(best, await round(repetitions));
        }
        return { milliseconds: best, dispatches: this.dispatches };
    }
};
