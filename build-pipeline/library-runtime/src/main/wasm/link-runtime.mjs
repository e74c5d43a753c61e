// Turns the module that TeaVM wrote into one that tvmjs can instantiate: `node link-runtime.mjs IN.wasm OUT.wasm`.
// - Functions of tvmjs (env.*) stay imports; `instruction.*` become the instructions they are named after; whatever
// else TeaVM
//   imports serves its JavaScript interoperability, which nothing in the runtime calls, and becomes a stub.
// - The memory becomes the module's own and is exported. Its first 64 bytes stay free: tvmjs writes to bytes 16..23.
// - A custom section "recursivemas.link" tells the linker of libraries where the image of a plan goes (32-bit address).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const [, , input, output] = process.argv;
const binaryen = join(dirname(createRequire(import.meta.url).resolve('binaryen/package.json')), 'bin');
// what browsers with WebGPU and exception references have; newer encodings are refused by them
const features = ['--mvp-features', '--enable-sign-ext', '--enable-nontrapping-float-to-int',
    '--enable-mutable-globals', '--enable-bulk-memory', '--enable-bulk-memory-opt', '--enable-multivalue',
    '--enable-reference-types',
    '--enable-exception-handling', '--enable-gc'];
const work = mkdtempSync(join(tmpdir(), 'link-runtime-'));
const tool = (name, ...args) => execFileSync(process.execPath, [join(binaryen, name), ...features, ...args],
    { stdio: 'inherit' });

const PAGE = 65536;
// TeaVM's start function writes the head of a heap of its own, which nothing allocates from
const TEAVM_HEAP = 256;
const EXPORTS = new Set(['_initialize', 'TVMWasmAllocSpace', 'TVMWasmFreeSpace', 'TVMFFIWasmFunctionCreate',
    'TVMFFIWasmGetLastError', 'TVMFFIFunctionGetGlobal', 'TVMFFIFunctionSetGlobal', 'TVMFFIFunctionCall',
    'TVMFFIObjectIncRef', 'TVMFFIObjectDecRef', 'TVMFFIAnyViewToOwnedAny', 'TVMFFIErrorSetRaisedFromCStr',
    'TVMFFITypeKeyToIndex', 'TVMFFIGetTypeInfo', 'TVMFFIDataTypeToString']);

function instruction(name, params, imageBase) {
    const args = Array.from({ length: params }, (_, i) => `(local.get ${i})`).join(' ');
    if (name === 'image.base') {
        return `(i32.const ${imageBase})`;
    }
    if (['memory.grow', 'memory.size', 'memory.copy'].includes(name)) {
        return `(${name} ${args})`;
    }
    throw new Error(`no instruction for import instruction.${name}`);
}

/** What TeaVM's start function and its exceptions drag in. Anything else would be computed wrongly by a stub. */
const STUBBED = new Set(['teavm', 'teavmJso', 'teavmDate', 'teavmMemory', 'wasm:js-string']);

function stub(module, name, results) {
    if (!STUBBED.has(module)) {
        throw new Error(`the runtime uses ${module}.${name}, which only JavaScript could offer`);
    }
    switch (results) {
        case '': return '(nop)';
        case 'i32': return '(i32.const 0)';
        case 'f64': return '(f64.const 0)';
        case 'externref': return '(ref.null extern)';
        // TeaVM keeps these in globals while it starts and never looks inside
        case '(ref extern)': return '(extern.convert_any (ref.i31 (i32.const 0)))';
        default:
            if (results.startsWith('(ref null ')) {
                return '(ref.null none)';
            }
            throw new Error(`no stub for a result of type ${results}`);
    }
}

/** End of the data segment that starts at 0, from its length in the binary text. */
function dataEnd(lines) {
    let end = 0;
    for (const line of lines) {
        const match = /^ \(data \S+ \(i32\.const (\d+)\) "(.*)"\)$/.exec(line);
        if (match) {
            const bytes = match[2].replace(/\\([0-9a-f]{2}|.)/g, 'x').length;
            end = Math.max(end, Number(match[1]) + bytes);
        }
    }
    return end;
}

/** A custom section (id 0) with its name and the address, little-endian. */
function linkSection(imageBase) {
    const name = Buffer.from('recursivemas.link');
    const address = Buffer.alloc(4);
    address.writeUInt32LE(imageBase);
    return Buffer.concat([Buffer.from([0, 1 + name.length + 4, name.length]), name, address]);
}

try {
    const text = join(work, 'runtime.wat');
    tool('wasm-dis', input, '-o', text);
    const lines = readFileSync(text, 'utf8').split('\n');
    const teavmHeap = (Math.max(dataEnd(lines), 64) + 15) & ~15;
    const imageBase = teavmHeap + TEAVM_HEAP;
    const pages = Math.ceil(imageBase / PAGE);
    const imports = [];
    const rest = [];
    for (const line of lines) {
        let match;
        if ((match = /^ \(import "env" "memory" \(memory (\S+) /.exec(line))) {
            rest.push(` (memory ${match[1]} ${pages} 32767)`, ` (export "memory" (memory ${match[1]}))`,);
        } else if ((match = /^ \(import "teavmMemory" "\w+" \(global (\S+) i32\)\)$/.exec(line))) {
            const value = match[0].includes('"heapOffset"') ? teavmHeap : TEAVM_HEAP;
            rest.push(` (global ${match[1]} i32 (i32.const ${value}))`);
        } else if (/^ \(import "env" /.test(line)) {
            imports.push(line);
        } else if ((match = /^ \(import "([^"]+)" "([^"]+)" \(func (\S+) (\(type \S+\))(.*)\)\)$/.exec(line))) {
            const [, module, name, id, type, signature] = match;
            const results = /\(result (.*)\)$/.exec(signature.trim())?.[1] ?? '';
            const params = /\(param ([^()]*)\)/.exec(signature)?.[1].trim().split(/\s+/).length ?? 0;
            const body = module === 'instruction' ? instruction(name, params, imageBase) : stub(module, name, results);
            rest.push(` (func ${id} ${type}${signature} ${body})`);
        } else if (/^ \(import /.test(line)) {
            throw new Error(`unexpected import: ${line}`);
        } else if ((match = /^ \(export "([^"]+)" /.exec(line))) {
            if (EXPORTS.delete(match[1])) {
                rest.push(line);
            }
        } else {
            rest.push(line);
        }
    }
    if (EXPORTS.size > 0) {
        throw new Error(`TeaVM did not export ${[...EXPORTS].join(', ')}`);
    }
    // imports must come before definitions, types before both
    const definition = /^ \((global|memory|func|data|elem|tag|export|start|table)\b/;
    const firstDefinition = rest.findIndex((line) => definition.test(line));
    rest.splice(firstDefinition, 0, ...imports);
    const edited = join(work, 'edited.wat');
    writeFileSync(edited, rest.join('\n'));
    const assembled = join(work, 'edited.wasm');
    tool('wasm-as', edited, '-o', assembled);
    const optimized = join(work, 'optimized.wasm');
    tool('wasm-opt', assembled, '-O3', '--closed-world', '--gufa', '-O3', '-o', optimized);
    writeFileSync(`${output}.tmp`, Buffer.concat([readFileSync(optimized), linkSection(imageBase)]));
    renameSync(`${output}.tmp`, output);
} finally {
    rmSync(work, { recursive: true, force: true });
}
