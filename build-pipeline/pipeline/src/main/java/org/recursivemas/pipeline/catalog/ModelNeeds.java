package org.recursivemas.pipeline.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.recursivemas.compiler.CompileOptions;
import org.recursivemas.compiler.LibraryCompiler;
import org.recursivemas.compiler.ModelConfig;
import org.recursivemas.compiler.ParamTable;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.data.CatalogModel;
import org.recursivemas.library.DType;
import org.recursivemas.library.LibraryPlan;
import org.recursivemas.library.link.LibraryLinker;
import org.recursivemas.pipeline.convert.JsonFiles;

/** A model's library, and what the model takes on a GPU with it. */
final class ModelNeeds {
    private final ModelConfig config;
    private final Quantization quantization;
    private final CompileOptions options;
    private final ParamTable params;
    private final LibraryPlan plan;

    ModelNeeds(ModelConfig config, Quantization quantization, CompileOptions options) {
        this.config = config;
        this.quantization = quantization;
        this.options = options;
        params = new ParamTable(config, quantization);
        plan = LibraryCompiler.compile(config, quantization, options);
    }

    /** The library's file. */
    byte[] library() {
        return LibraryLinker.link(plan);
    }

    /** Sizes of everything; folder, library and download are left to the caller. */
    CatalogModel model() {
        CatalogModel model = new CatalogModel();
        model.quantization = quantization.text();
        model.f16 = quantization.modelType() == DType.FLOAT16;
        model.hiddenSize = config.hiddenSize();
        model.contextWindow = options.contextWindow();
        long keys = (long) config.kvWidth() * quantization.modelType().bytes() * options.contextWindow();
        model.cacheBytes = 2 * keys * config.layers();
        model.largestBufferBytes = keys;
        for (ParamTable.Param param : params.params()) {
            model.weightBytes += param.bytes();
            model.largestBufferBytes = Math.max(model.largestBufferBytes, param.bytes());
            if (param.role() != ParamTable.Role.Q_SCALE) {
                long elements = 1;
                for (int extent : param.logicalShape()) {
                    elements *= extent;
                }
                model.parameters += elements;
            }
        }
        try {
            model.scratchBytes = JsonFiles.MAPPER.readTree(plan.metadataJson()).path("memory_usage").path("prefill").asLong();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the compiler writes valid JSON", e);
        }
        return model;
    }

    /** Bytes of the shards as MLC-LLM writes them: float32 tensors are stored in two bytes an element. */
    long shardBytes() {
        long sum = 0;
        for (ParamTable.Param param : params.params()) {
            sum += param.dtype() == DType.FLOAT32 ? 2 * param.elements() : param.bytes();
        }
        return sum;
    }
}
