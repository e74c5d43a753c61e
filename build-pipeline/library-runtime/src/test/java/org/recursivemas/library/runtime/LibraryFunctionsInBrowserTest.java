package org.recursivemas.library.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.library.link.LibraryLinker;

/** What a caller finds who reaches below the engine: tvmjs and the functions of the library. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LibraryFunctionsInBrowserTest {
    private static final String HELPERS = """
            window.pipe = pipelineOf(engine);
            window.tvm = pipe.tvm;
            window.shape = (...dims) => tvm.makeShapeTuple(dims);
            window.global = (name) => tvm.getGlobalFunc(name);
            window.begin = (n) => pipe.fKVCacheBeginForward(pipe.kvCache, shape(0), shape(n));
            window.end = () => pipe.fKVCacheEndForward(pipe.kvCache);
            window.int = (values) => tvm.empty([values.length], 'int32', pipe.device).copyFrom(values);
            window.embed = (ids) => pipe.embed(int(ids), pipe.params);
            window.cpu = (values, dtype) => tvm.empty([values.length], dtype, tvm.cpu()).copyFrom(values);
            window.read = async (tensor) => {
                const copy = tvm.empty(tensor.shape, tensor.dtype, tvm.cpu()).copyFrom(tensor);
                await pipe.device.sync();
                return [...new Float32Array(copy.toRawBytes().slice().buffer)];
            };
            window.scoped = async (body) => {
                pipe.resetChat();
                tvm.beginScope();
                try { return await body(); } finally { tvm.endScope(); }
            };
            window.caught = (body) => {
                try { body(); } catch (e) { return String(e.message ?? e); }
                return 'no error';
            };
            """;

    private EnginePage page;

    @BeforeAll
    void loadEngine(@TempDir Path folder) throws IOException {
        TinyModel.writeModel(folder.resolve("tiny"));
        LibraryLinker.link(TinyModel.plan(), folder.resolve("tiny.wasm"));
        page = new EnginePage(folder);
        page.run("window.engine = await load('tiny', 'tiny');" + HELPERS);
    }

    @AfterAll
    void close() {
        if (page != null) {
            page.close();
        }
    }

    @BeforeEach
    void reset() {
        page.run("pipe.resetChat();");
    }

    private Object scoped(String body) {
        return page.run("return scoped(async () => {" + body + "});");
    }

    private static double[] numbers(Object list) {
        return ((List<?>) list).stream().mapToDouble(value -> ((Number) value).doubleValue()).toArray();
    }

    /** Hidden states of the tokens [from, to) of a context, one after the other. */
    private static double[] hidden(List<Integer> context, int from, int to) {
        double[] rows = new double[(to - from) * TinyModel.V];
        for (int i = from; i < to; ++i) {
            double[] row = TinyModel.hidden(context.subList(0, i + 1));
            System.arraycopy(row, 0, rows, (i - from) * TinyModel.V, TinyModel.V);
        }
        return rows;
    }

    @Test
    void hiddenStatesOfAllPositionsComeBackAndTheSequenceGoesOn() {
        double[] rows = numbers(scoped("""
                const f = pipe.vm.getFunction('get_last_hidden');
                const g = pipe.vm.getFunction('decode_last_hidden');
                begin(3);
                const first = f(embed([5, 6, 5]).view([1, 3, 259]), pipe.kvCache, pipe.params);
                end();
                begin(1);
                const second = g(embed([6]).view([1, 1, 259]), pipe.kvCache, pipe.params);
                end();
                if (second.get(1).getHandle() !== pipe.kvCache.getHandle()) {
                    throw new Error('element 1 is not the state');
                }
                return [...await read(first.get(0)), ...await read(second.get(0))];"""));
        assertEqualRows(hidden(List.of(5, 6, 5, 6), 0, 4), rows);
    }

    private static void assertEqualRows(double[] expected, double[] found) {
        assertEquals(expected.length, found.length);
        for (int i = 0; i < expected.length; ++i) {
            assertEquals(expected[i], found[i], 1e-6, "element " + i);
        }
    }

    @Test
    void theStockNamesAreTheSameFunctions() {
        double[] rows = numbers(scoped("""
                begin(2);
                const first = pipe.vm.getFunction('prefill_to_last_hidden_states')(embed([7, 8]).view([1, 2, 259]),
                    pipe.kvCache, pipe.params);
                end();
                begin(1);
                const second = pipe.vm.getFunction('decode_to_last_hidden_states')(embed([9]).view([1, 1, 259]),
                    pipe.kvCache, pipe.params);
                end();
                return [...await read(first.get(0)), ...await read(second.get(0))];"""));
        assertEqualRows(hidden(List.of(7, 8, 9), 0, 3), rows);
    }

    @Test
    void aViewWithAnOffsetIsReadFromItsOffset() {
        double[] rows = numbers(scoped("""
                const middle = global('runtime.TVMTensorCreateView')(embed([1, 2, 3, 4]), shape(1, 2, 259), 'float32',
                    4 * 259);
                begin(2);
                const hidden = pipe.vm.getFunction('get_last_hidden')(middle, pipe.kvCache, pipe.params).get(0);
                end();
                return read(hidden);"""));
        assertEqualRows(hidden(List.of(2, 3), 0, 2), rows);
    }

    @Test
    void embeddingsCanBeJoined() {
        double[] rows = numbers(scoped("return read(tvm.concatEmbeddings([embed([1]), embed([2, 3])]));"));
        assertEquals(3 * TinyModel.V, rows.length);
        assertEquals(1, rows[1]);
        assertEquals(1, rows[TinyModel.V + 2]);
        assertEquals(1, rows[2 * TinyModel.V + 3]);
    }

    @Test
    void anUnknownFunctionIsUndefined() {
        assertEquals("undefined", page.run("""
                return scoped(async () => String(tvm.withNewScope(
                    () => global('ffi.ModuleGetFunction')(pipe.vm.mod, 'no_such_function', true))));"""));
    }

    @Test
    void wrongArgumentsAreNamed() {
        assertEquals("embed: argument 0 should be int32, is float32 [2]", scoped(
                "return caught(() => pipe.embed(tvm.empty([2], 'float32', pipe.device), pipe.params));"));
        assertEquals("embed: argument 0 should be on the GPU", scoped(
                "return caught(() => pipe.embed(tvm.empty([2], 'int32', tvm.cpu()), pipe.params));"));
        assertEquals("embed: 2 arguments expected, 1 given", scoped("return caught(() => pipe.embed(int([1])));"));
        assertEquals("embed: argument 1 should be an Array, is Tensor", scoped(
                "return caught(() => pipe.embed(int([1]), int([1])));"));
        assertEquals("a view of float32 [3] at byte 0 does not fit into int32 [2]", scoped(
                "return caught(() => global('runtime.TVMTensorCreateView')(int([1, 2]), shape(3), 'float32', 0));"));
        assertEquals("unknown dtype \"float33\"", scoped("return caught(() => tvm.empty([2], 'float33', tvm.cpu()));"));
    }

    @Test
    void aFullCacheSaysSo() {
        String message = (String) scoped("begin(300); return caught(() => begin(21));");
        assertTrue(message.startsWith("The KV cache is full. No page can be allocated. It holds 300 of 320 positions,"
                + " 21 more"), message);
    }

    @Test
    void aForwardNeedsTheAnnouncedNumberOfTokens() {
        String message = (String) scoped("""
                begin(2);
                return caught(() => pipe.decoding(embed([1]).view([1, 1, 259]), pipe.kvCache, pipe.params));""");
        assertEquals("decode: called with 1 tokens, but kv_state_begin_forward has announced 2", message);
    }

    @Test
    void moreTokensThanAChunkAreRefused() {
        String message = (String) scoped("""
                begin(25);
                const f = pipe.vm.getFunction('get_last_hidden');
                return caught(() => f(tvm.empty([1, 25, 259], 'float32', pipe.device), pipe.kvCache, pipe.params));""");
        assertEquals("get_last_hidden: 25 tokens, but prefill_chunk_size is 24: split the input", message);
    }

    @Test
    void poppedPositionsAreForgotten() {
        Object found = scoped("""
                const length = global('vm.builtin.attention_kv_cache_get_total_sequence_length');
                const empty = global('vm.builtin.attention_kv_cache_empty');
                const pages = global('vm.builtin.attention_kv_cache_get_num_available_pages');
                const seen = [empty(pipe.kvCache), pages(pipe.kvCache)];
                begin(20);
                end();
                seen.push(length(pipe.kvCache));
                global('vm.builtin.kv_state_popn')(pipe.kvCache, 0, 5);
                seen.push(length(pipe.kvCache), empty(pipe.kvCache), pages(pipe.kvCache));
                seen.push(caught(() => global('vm.builtin.kv_state_popn')(pipe.kvCache, 0, 16)));
                return seen;""");
        assertEquals(List.of(true, 20, 20, 15, false, 19, "kv_state_popn: cannot pop 16 of 15 positions"), found);
    }

    @Test
    void theSamplersOnTheCpuCompute() {
        Object found = scoped("""
                const logits = cpu([1, 3, 2], 'float32');
                const sampled = [];
                for (const u of [0.1, 0.7, 0.99]) {
                    sampled.push(global('vm.builtin.sample_top_p_from_logits')(logits, 1, 1, u));
                }
                sampled.push(global('vm.builtin.sample_top_p_from_logits')(logits, 1, 0.5, 0.99));
                const probabilities = cpu([0.2, 0.5, 0.3], 'float32');
                sampled.push(global('vm.builtin.sample_top_p_from_prob')(probabilities, 1, 0.6));
                global('vm.builtin.apply_repetition_penalty')(logits, cpu([1], 'int32'), 2);
                global('vm.builtin.apply_presence_and_frequency_penalty')(logits, cpu([0], 'int32'), cpu([3], 'int32'),
                    0.5, 0.25);
                const values = [...logits.toArray()];
                global('vm.builtin.apply_softmax_with_temperature')(logits, 0.000001);
                return [sampled, values, [...logits.toArray()]];""");
        List<?> lists = (List<?>) found;
        // softmax of 1, 3, 2: 0.090, 0.665, 0.245; sorted 1, 2, 0
        assertEquals(List.of(1, 2, 0, 1, 2), lists.get(0));
        assertEquals("[-0.25, 1.5, 2.0]", java.util.Arrays.toString(numbers(lists.get(1))));
        assertEquals("[0.0, 0.0, 1.0]", java.util.Arrays.toString(numbers(lists.get(2))));
    }

    @Test
    void globalNamesCanBeListed() {
        List<?> names = (List<?>) scoped("""
                const names = global('ffi.FunctionListGlobalNamesFunctor')();
                const count = names(-1);
                return Array.from({ length: count }, (_, i) => names(i));""");
        assertTrue(names.contains("ffi.Shape") && names.contains("wasm.WebGPUDeviceAPI"), names.toString());
    }

    @Test
    void blocksOfMemoryNeverOverlapAndComeBack() {
        Object result = page.run("""
                const { exports } = tvm.lib;
                const bytes = () => number(engine, 'recursivemas.heap_bytes');
                bytes();
                const before = bytes();
                let seed = 12345;
                const random = (n) => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return seed % n; };
                const blocks = [];
                const check = ({ at, size, mark }) => {
                    const view = new Uint8Array(exports.memory.buffer, at, size);
                    return at % 8 === 0 && view.every((value) => value === mark);
                };
                for (let i = 0; i < 20000; ++i) {
                    if (blocks.length > 0 && (random(100) < 48 || blocks.length > 400)) {
                        const [block] = blocks.splice(random(blocks.length), 1);
                        if (!check(block)) { return `block ${i} was changed`; }
                        exports.TVMWasmFreeSpace(block.at);
                    } else {
                        const size = random(50) === 0 ? random(300000) : random(600);
                        const at = exports.TVMWasmAllocSpace(size);
                        const mark = random(256);
                        new Uint8Array(exports.memory.buffer, at, size).fill(mark);
                        blocks.push({ at, size, mark });
                    }
                }
                for (const block of blocks) {
                    if (!check(block)) { return 'a block was changed'; }
                    exports.TVMWasmFreeSpace(block.at);
                }
                const pages = exports.memory.buffer.byteLength;
                const all = exports.TVMWasmAllocSpace(pages - 3000000);
                exports.TVMWasmFreeSpace(all);
                if (exports.memory.buffer.byteLength !== pages) { return 'free blocks were not joined'; }
                if (exports.TVMWasmAllocSpace(0x7ffffff8) !== 0) { return '2 GiB were given'; }
                return bytes() === before ? 'fine' : `${bytes()} bytes in use instead of ${before}`;""");
        assertEquals("fine", result);
    }
}
