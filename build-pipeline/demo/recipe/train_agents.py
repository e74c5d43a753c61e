"""Trains the demo's three agents from scratch and writes them as Hugging Face checkpoints.

    train_agents.py tokenizer --tasks train-00.jsonl --out DIR
    train_agents.py tokens    --tasks train-*.jsonl --out DIR            (task files to token arrays, in parallel)
    train_agents.py agent ROLE --out DIR --steps N [--device cuda:0]
    train_agents.py evaluate  --tasks held-out.jsonl --out DIR

What is special about the pre-training, so that hand-offs of any fixed number of latent steps work later:
* a sender goes on after its end token with filler tokens, so a rollout that is longer than the message stays where the
  agent was trained;
* a receiver reads messages as plain text, or as text + end token + fillers up to a random length, or cut short;
* half of the sequences carry noise on the embeddings of the slot and of the agent's own output, so that vectors which are
  close to an embedding, as a link produces them, do not throw the agent off.
"""
import argparse
import glob
import json
import math
import multiprocessing
import os
import time

import numpy as np
import torch
import torch.nn.functional as F

from common import (END, FILLER, ROLES, SLOT_LABEL, START, SYSTEMS, TAIL_TEXT, Agent, Prompts, answer_of, generate, head_text,
                    left_padded, load_tokenizer, read_tasks, wilson)

FIELDS = {'question': 160, 'plan': 40, 'draft': 48, 'solution': 112, 'feedback': 112}  # most tokens kept
MESSAGE = 64  # most rows of a slot: the most latent steps the agents are prepared for


def tokenizer(args):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True),
                                               pre_tokenizers.ByteLevel(add_prefix_space=False)])
    t.decoder = decoders.ByteLevel()
    rows = read_tasks(args.tasks[0], 40000)
    corpus = [f"{r['question']}\n{r['plan']}\n{r['solution']}{SLOT_LABEL[k]}" for r in rows for k in ROLES]
    corpus += [s for r in SYSTEMS.values() for s in r] * 2000
    corpus += ['system\n', 'user\n', 'assistant\n'] * 2000
    t.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=704, special_tokens=[FILLER, START, END],
                                                      initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())))
    t.save(f'{args.out}/tokenizer.json')
    print('vocabulary', t.get_vocab_size())


def _tokens(job):
    path, out = job
    t, rows = load_tokenizer(out), read_tasks(path)
    arrays = {}
    for field, most in FIELDS.items():
        ids = np.zeros((len(rows), most), np.int16)
        lengths = np.zeros(len(rows), np.int16)
        for i, e in enumerate(t.encode_batch([r[field] for r in rows], add_special_tokens=False)):
            n = min(len(e.ids), most)
            ids[i, :n], lengths[i] = e.ids[:n], n
        arrays[field], arrays[field + '_length'] = ids, lengths
    np.savez(f'{out}/tokens-{os.path.basename(path)}.npz', **arrays)
    return len(rows), {f: int(arrays[f + '_length'].max()) for f in FIELDS}


def tokens(args):
    os.environ['TOKENIZERS_PARALLELISM'] = 'false'
    paths = sorted(p for pattern in args.tasks for p in glob.glob(pattern))
    with multiprocessing.Pool(min(len(paths), os.cpu_count())) as pool:
        done = pool.map(_tokens, [(p, args.out) for p in paths])
    print('problems', sum(n for n, _ in done), 'longest', {f: max(m[f] for _, m in done) for f in FIELDS})


class Batches:
    """Puts together random training sequences of one role on the GPU."""

    def __init__(self, role, out, device):
        self.role, self.device = role, device
        t = load_tokenizer(out)
        one = lambda s: torch.tensor(t.encode(s, add_special_tokens=False).ids, device=device)
        parts = [np.load(p) for p in sorted(glob.glob(f'{out}/tokens-*.npz'))]
        self.data = {k: torch.from_numpy(np.concatenate([p[k] for p in parts])).to(device) for k in parts[0].files}
        self.size = len(self.data['plan'])
        heads = [one(head_text(s)) for s in SYSTEMS[role]]
        self.head = torch.nn.utils.rnn.pad_sequence(heads, batch_first=True)
        self.head_length = torch.tensor([len(h) for h in heads], device=device)
        self.label, self.tail = one(SLOT_LABEL[role]), one(TAIL_TEXT)
        self.filler, self.end = t.token_to_id(FILLER), t.token_to_id(END)

    def field(self, name, index):
        return self.data[name][index].long(), self.data[name + '_length'][index].long()

    def closed(self, ids, length, total):
        """ids [b, w] cut or continued with the end token and fillers to `total` [b] rows."""
        b, device = len(ids), self.device
        wide = torch.full((b, int(total.max()) + 1), self.filler, device=device)
        w = min(wide.shape[1], ids.shape[1])
        place = torch.arange(wide.shape[1], device=device)[None]
        wide[:, :w] = torch.where(place[:, :w] < length[:, None], ids[:, :w], self.filler)
        return torch.where(place == length[:, None], self.end, wide)

    def batch(self, size):
        """-> ids [b, t] right-padded, weight of the loss for predicting each position [b, t], soft: where noise may go [b, t]"""
        d, rand = self.device, lambda: torch.rand(size, device=self.device)
        index = torch.randint(0, self.size, (size,), device=d)
        style = torch.where(rand() < .75, 0, torch.randint(0, len(self.head), (size,), device=d))
        question, question_length = self.field('question', index)
        source = {'planner': 'feedback', 'critic': 'draft', 'solver': 'plan'}[self.role]
        message, message_length = self.field(source, index)
        target, target_length = self.field('solution' if self.role == 'solver' else 'plan', index)
        # the message: plain text / padded to a fixed number of rows / cut short
        kind, rows = rand(), message_length
        room = (MESSAGE - message_length - 1).clamp(min=0)
        padded = message_length + 1 + (rand() * (room + 1)).long()
        cut = (rand() * (message_length + 1)).long()
        # feedback is longer than most messages, so a fixed number of rows cuts it more often
        plain, whole = (.3, .65) if self.role == 'planner' else (.4, .92)
        rows = torch.where(kind < plain, message_length, torch.where(kind < whole, padded, cut))
        if self.role == 'solver':  # an empty or cut plan cannot be worked out
            rows = torch.where(kind < whole, rows, padded)
        inside = self.closed(message, message_length, rows)
        with_slot = torch.ones(size, device=d, dtype=torch.long)
        if self.role == 'planner':
            with_slot = (rand() < .4).long()  # rounds from the second on
        label = self.label[None].expand(size, -1)
        # the agent's own text, its end token, and fillers for a rollout that is longer
        fill = torch.where(rand() < .5, 0, (rand() * 40).long())
        output_length = target_length + 1 + fill
        output = self.closed(target, target_length, output_length)
        pieces = [(self.head[style], self.head_length[style]), (question, question_length),
                  (label, with_slot * len(self.label)), (inside, with_slot * rows),
                  (self.tail[None].expand(size, -1), torch.full((size,), len(self.tail), device=d)), (output, output_length)]
        starts = torch.stack([n for _, n in pieces]).cumsum(0)
        t = (int(starts[-1].max()) + 31) // 32 * 32
        place = torch.arange(t, device=d)[None]
        ids = torch.full((size, t), self.filler, device=d)
        before = torch.zeros(size, dtype=torch.long, device=d)
        for (values, length), after in zip(pieces, starts):
            here = (place >= before[:, None]) & (place < after[:, None])
            at = (place - before[:, None]).clamp(0, values.shape[1] - 1)
            ids = torch.where(here, values.gather(1, at), ids)
            before = after
        begin = starts[-2][:, None]
        real = (place >= begin) & (place < begin + (target_length + 1)[:, None])
        tail = (place >= begin) & (place < starts[-1][:, None]) & ~real
        weight = real.float() + .05 * tail.float()
        soft = (place >= begin) & (place < starts[-1][:, None]) | (place >= starts[2][:, None]) & (place < starts[3][:, None])
        return ids, weight, soft


def noisy(agent, ids, soft):
    x = agent.embed(ids)
    b, t = ids.shape
    with torch.no_grad():
        rms = agent.table.pow(2).mean().sqrt()
        level = torch.where(torch.rand(b, 1, 1, device=ids.device) < .5, 0., torch.rand(b, 1, 1, device=ids.device) * .45)
        noise = torch.randn_like(x) * rms * level
        other = agent.embed(torch.randint(0, len(agent.table), (b, t), device=ids.device))
        mix = torch.rand(b, t, 1, device=ids.device) * .35
        mix = torch.where((torch.rand(b, t, 1, device=ids.device) < .15) & (level > 0), mix, 0.)
    return torch.where(soft[..., None], (1 - mix) * x + mix * other.detach() + noise, x)


def agent(args):
    torch.manual_seed(args.seed)
    device, role = args.device, args.role
    torch.cuda.set_device(device)
    t = load_tokenizer(args.out)
    batches = Batches(role, args.out, device)
    model = load(role, args.start, device)[0].train().requires_grad_(True) if args.start else Agent(role, t.get_vocab_size()).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.rate, betas=(.9, .98), weight_decay=.05, fused=True)
    began, i, progress = time.time(), 0, 0.
    while progress < 1:
        # warm-up over 4 %, then cosine to 0; with --seconds the clock ends the training if that comes first
        progress = max((i + 1) / args.steps, (time.time() - began) / args.seconds if args.seconds else 0.)
        rate = args.rate * min(progress / .04, .5 + .5 * math.cos(math.pi * min(1., max(0., (progress - .04) / .96))))
        for group in optimizer.param_groups:
            group['lr'] = rate
        ids, weight, soft = batches.batch(args.batch)
        with torch.autocast('cuda', torch.bfloat16):
            x = noisy(model, ids, soft)
            h, _ = model.hidden(x, torch.arange(ids.shape[1], device=device)[None])
            asked = weight[:, 1:] > 0
            scores = model.logits(h[:, :-1][asked])
        w = weight[:, 1:][asked]
        loss = (F.cross_entropy(scores.float(), ids[:, 1:][asked], reduction='none') * w).sum() / w.sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.)
        optimizer.step()
        if i % 500 == 0 or progress >= 1:
            print(f'{role} step {i} loss {loss.item():.4f} {time.time() - began:.0f} s', flush=True)
        i += 1
    export(model, role, t, args.out)


def export(model, role, t, out):
    """Hugging Face checkpoint. Every weight is rounded to bfloat16 first: exact in the f16 file and in 2-byte shards."""
    from safetensors.torch import save_file
    folder = f'{out}/{role}'
    os.makedirs(folder, exist_ok=True)
    tensors = {k: v.detach().to(torch.bfloat16).float().to(torch.float16).cpu().contiguous() for k, v in model.state_dict().items()}
    worst = max((v.float() - v.to(torch.bfloat16).float()).abs().max().item() for v in tensors.values())
    for k, v in tensors.items():  # values too small for f16's exponent: keep the nearest that is both f16 and bf16
        tensors[k] = v.to(torch.bfloat16).to(torch.float16)
        assert torch.equal(tensors[k].float().to(torch.bfloat16).float(), tensors[k].float()), k
    save_file(tensors, f'{folder}/model.safetensors', metadata={'format': 'pt'})
    c = model.config
    ids = {k: t.token_to_id(v) for k, v in dict(filler=FILLER, end=END).items()}
    json.dump({
        'architectures': ['Qwen2ForCausalLM'], 'model_type': 'qwen2', 'hidden_act': 'silu', 'hidden_size': c['hidden'],
        'intermediate_size': c['ffn'], 'num_hidden_layers': c['layers'], 'num_attention_heads': c['heads'],
        'num_key_value_heads': c['kv'], 'vocab_size': t.get_vocab_size(), 'max_position_embeddings': 1024,
        'rope_theta': 10000.0, 'rms_norm_eps': 1e-6, 'tie_word_embeddings': True, 'use_sliding_window': False,
        'attention_dropout': 0.0, 'bos_token_id': ids['filler'], 'eos_token_id': ids['end'], 'torch_dtype': 'float16',
    }, open(f'{folder}/config.json', 'w'), indent=2)
    json.dump({'bos_token_id': ids['filler'], 'eos_token_id': [ids['end'], ids['filler']], 'pad_token_id': ids['filler'],
               'temperature': 0.0, 'top_p': 1.0, 'repetition_penalty': 1.0}, open(f'{folder}/generation_config.json', 'w'), indent=2)
    t.save(f'{folder}/tokenizer.json')
    print(role, 'parameters', sum(p.numel() for p in model.parameters()), 'worst rounding', worst, flush=True)


def load(role, out, device):
    from safetensors.torch import load_file
    t = load_tokenizer(f'{out}/{role}')
    model = Agent(role, t.get_vocab_size()).to(device)
    model.load_state_dict({k: v.float() for k, v in load_file(f'{out}/{role}/model.safetensors').items()})
    return model.eval().requires_grad_(False), t


def evaluate(args):
    device = args.device
    tasks = read_tasks(args.tasks[0], args.limit)
    agents = {}
    for role in ROLES:
        agents[role], t = load(role, args.out, device)
    prompts, n = Prompts(t, device), len(tasks)
    limits = {'planner': 64, 'critic': 64, 'solver': 128}

    def run(role, messages):
        texts, counts = [], []
        for i in range(0, n, 500):
            part = [prompts.text(agents[role], role, r['question'], m) for r, m in zip(tasks[i:i + 500], messages[i:i + 500])]
            a, b = generate(agents[role], left_padded(part), t, limits[role])
            texts, counts = texts + a, counts + b
        return texts, sum(counts) / n

    right = lambda texts: sum(answer_of(s) == r['answer'] for s, r in zip(texts, tasks))
    same = lambda texts: sum(s.strip() == r['plan'] for s, r in zip(texts, tasks)) / n
    report, feedback, total = {}, [None] * n, 0
    for depth in range(1, args.rounds + 1):
        plans, a = run('planner', feedback)
        checked, b = run('critic', plans)
        solved, c = run('solver', checked)
        total += a + b + c
        k = right(solved)
        report[f'text, {depth} rounds'] = dict(accuracy=k / n, interval=wilson(k, n), decoded=total, planner_exact=same(plans),
                                               critic_exact=same(checked))
        feedback = solved
    report['solver alone'] = dict(accuracy=right(run('solver', [None] * n)[0]) / n)
    report['solver with the right plan'] = dict(accuracy=right(run('solver', [r['plan'] for r in tasks])[0]) / n)
    print(json.dumps(report, indent=1), flush=True)
    wrong = [(r['question'], p, q, r['plan']) for r, p, q in zip(tasks, plans, checked) if q.strip() != r['plan']]
    for w in wrong[:8]:
        print('wrong', w, flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('stage', choices=['tokenizer', 'tokens', 'agent', 'evaluate'])
    p.add_argument('role', nargs='?', choices=list(ROLES))
    p.add_argument('--tasks', nargs='*', default=[])
    p.add_argument('--out', required=True)
    p.add_argument('--start', help='folder of agents to continue from (their tokenizer.json goes into --out first)')
    p.add_argument('--steps', type=int, default=12000)
    p.add_argument('--seconds', type=float, default=0, help='end after this long even if steps remain')
    p.add_argument('--batch', type=int, default=512)
    p.add_argument('--rate', type=float, default=2e-3)
    p.add_argument('--rounds', type=int, default=3)
    p.add_argument('--limit', type=int, default=1000)
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--device', default='cuda:0')
    args = p.parse_args()
    os.makedirs(args.out, exist_ok=True)
    {'tokenizer': tokenizer, 'tokens': tokens, 'agent': agent, 'evaluate': evaluate}[args.stage](args)


if __name__ == '__main__':
    main()
