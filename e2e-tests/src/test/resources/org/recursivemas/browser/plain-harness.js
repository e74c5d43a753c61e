// What the tests do with the unmodified WebLLM, without any of the application's code.
"use strict";

window.harness = (() => {
  const engines = new Map();
  let team;

  async function record(id) {
    const address = new URL("models/demo/team.json", document.baseURI);
    team ??= await (await fetch(address)).json();
    const agent = team.agents.find((each) => each.id === id);
    return {
      model_id: id,
      model: new URL(agent.model, address).href,
      model_lib: new URL(agent.library, address).href,
    };
  }

  async function load(id, overrides) {
    const progress = [];
    const engine = await webllm.CreateMLCEngine(id, {
      appConfig: { model_list: [{ ...await record(id), overrides }] },
      initProgressCallback: (report) => progress.push(report.progress),
      logLevel: "ERROR",
    });
    engines.set(id, engine);
    return progress;
  }

  function pipeline(id) {
    return engines.get(id).loadedModelIdToPipeline.get(id);
  }

  function base64(floats) {
    const bytes = new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
    let text = "";
    for (let i = 0; i < bytes.length; i += 0x8000) {
      text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
    }
    return btoa(text);
  }

  // Calls a model function the way a caller of a patched MLC-LLM library does: (embeddings [1, n, d], kv, params),
  // result Array [tensor, kv]. Returns the tensor's shape and its float32 values.
  async function forward(p, name, ids) {
    p.tvm.beginScope();
    try {
      const run = p.vm.getFunction(name);
      const embedded = p.getTokensEmbeddings(ids);
      const lengths = p.tvm.makeShapeTuple([ids.length]);
      p.fKVCacheBeginForward(p.kvCache, p.tvm.makeShapeTuple([0]), lengths);
      const result = run(embedded.view([1, ...embedded.shape]), p.kvCache, p.params);
      p.fKVCacheEndForward(p.kvCache);
      const tensor = result.get(0);
      const onCpu = p.tvm.empty(tensor.shape, tensor.dtype, p.tvm.cpu()).copyFrom(tensor);
      await p.device.sync();
      return { shape: tensor.shape, dtype: tensor.dtype, values: base64(onCpu.toArray()) };
    } finally {
      p.tvm.endScope();
    }
  }

  return {
    load,
    unload: async (id) => {
      await engines.get(id).unload();
      engines.delete(id);
    },
    tokenize: (id, text) => Array.from(pipeline(id).tokenizer.encode(text)),
    chat: (id, request) => engines.get(id).chat.completions.create(request),
    complete: (id, request) => engines.get(id).completions.create(request),
    // Ids of the tokens that the latest request of `id` decoded; a closing stop token is not among them.
    outputIds: (id) => Array.from(pipeline(id).outputIds),
    stopTokenIds: (id) => Array.from(pipeline(id).stopTokens),
    resetChat: (id) => engines.get(id).resetChat(),
    stream: async (id, request) => {
      const pieces = [];
      let usage;
      let finish;
      const options = { ...request, stream: true, stream_options: { include_usage: true } };
      for await (const chunk of await engines.get(id).chat.completions.create(options)) {
        if (chunk.choices.length > 0) {
          pieces.push(chunk.choices[0].delta.content ?? "");
          finish = chunk.choices[0].finish_reason ?? finish;
        }
        usage = chunk.usage ?? usage;
      }
      return { text: pieces.join(""), pieces: pieces.length, finish, usage };
    },
    // Hidden states of `ids` by get_last_hidden, then of each of `more` by decode_last_hidden.
    hidden: async (id, ids, more) => {
      const p = pipeline(id);
      p.resetChat();
      const results = [await forward(p, "get_last_hidden", ids)];
      for (const next of more) {
        results.push(await forward(p, "decode_last_hidden", [next]));
      }
      p.resetChat();
      return results;
    },
    // Logits of the last position after `ids`, then after each of `more`.
    logits: async (id, ids, more) => {
      const p = pipeline(id);
      p.resetChat();
      const results = [await forward(p, "prefill", ids)];
      for (const next of more) {
        results.push(await forward(p, "decode", [next]));
      }
      p.resetChat();
      return results;
    },
    prefillChunkSize: (id) => pipeline(id).prefillChunkSize,
    contextWindowSize: (id) => pipeline(id).contextWindowSize,
    error: async (action) => {
      try {
        await action();
        return null;
      } catch (e) {
        return e.name + ": " + e.message;
      }
    },
  };
})();
