package org.recursivemas.pipeline.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.recursivemas.compiler.ModelConfig;
import org.recursivemas.compiler.ParamTable;
import org.recursivemas.compiler.ParamTable.Param;
import org.recursivemas.compiler.Quantization;

class ShardPlanTest {
    private static final ModelConfig QWEN25_05B = ModelConfig.parse("""
            {"architectures": ["Qwen2ForCausalLM"], "hidden_act": "silu", "hidden_size": 896, "intermediate_size": 4864,
             "num_attention_heads": 14, "num_key_value_heads": 2, "num_hidden_layers": 24, "rms_norm_eps": 1e-06,
             "rope_theta": 1000000.0, "vocab_size": 151936, "max_position_embeddings": 32768,
             "tie_word_embeddings": true}
            """, "Qwen2.5-0.5B");

    @Test
    void shardsOfQwenHalfBillionHaveMlcsSizes() {
        List<Long> sizes = new ParamTable(QWEN25_05B,
                Quantization.Q4F16_1).params().stream().map(Param::bytes).toList();
        List<Long> shards = ShardPlan.of(sizes, ShardPlan.CAP).stream()
                .map(shard -> shard.stream().mapToLong(sizes::get).sum()).toList();
        assertEquals(List.of(68067328L, 33409792L, 31390720L, 33025024L, 29211648L, 33519616L, 33168384L, 16203776L),
                shards);
    }

    @ParameterizedTest
    @CsvSource({"q4f16_1, 267, 277996288", "q4f32_1, 267, 309011968", "q0f16, 170, 988065536",
            "q0f32, 170, 1976131072"})
    void totalsOfQwenHalfBillionAreMlcs(String scheme, int tensors, long bytes) {
        List<Param> params = new ParamTable(QWEN25_05B, Quantization.of(scheme)).params();
        assertEquals(tensors, params.size());
        assertEquals(bytes, params.stream().mapToLong(Param::bytes).sum());
    }

    @Test
    void largeTensorThatDoesNotFitLeavesTheOpenShardOpen() {
        assertEquals(List.of(List.of(1), List.of(0, 2)), ShardPlan.of(List.of(40L, 60L, 30L), 100));
    }

    @Test
    void largeTensorThatFitsIsAppended() {
        assertEquals(List.of(List.of(0, 1)), ShardPlan.of(List.of(30L, 60L), 100));
    }

    @Test
    void gatheredShardStaysBelowTheCap() {
        assertEquals(List.of(List.of(0, 1), List.of(2)), ShardPlan.of(List.of(40L, 20L, 40L), 100));
        assertEquals(List.of(List.of(0)), ShardPlan.of(List.of(100L), 100));
    }
}
