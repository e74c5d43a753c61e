"""Trains the demo's three agents from scratch and writes them as Hugging Face checkpoints.

    train_agents.py tokenizer --tasks train-00.jsonl --out DIR
    train_agents.py tokens    --tasks train-*.jsonl --out DIR            (task files to token arrays, in parallel)
    train_agents.py agent ROLE --out DIR --steps N [--device cuda:0]
    train_agents.py rollouts  --out DIR                                  (the planner's own hand-overs, for the critic's last phase)
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
import random
import time

import numpy as np
import torch
import torch.nn.functional as F

from common import (END, EXPERT, FILLER, FIRST, ROLES, SECOND, SLOT_LABEL, START, SUMMARIZER, SYSTEMS, TAIL_TEXT, TOOL_CALLER, Agent,
                    Prompts, Sequences, answer_of, generate, head_text, left_padded, load_tokenizer, read_tasks, tool_pieces,
                    untold_price, wilson)

FIELDS = {'question': 160, 'plan': 40, 'draft': 48, 'solution': 112, 'feedback': 112, 'tools': 208, 'tools_feedback': 208}  # most tokens
UNTOLD = .4  # of the problems with a price, those in which it is not told
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
    t, rows, draw = load_tokenizer(out), read_tasks(path), random.Random(path)
    rows = [(draw.random() < UNTOLD and untold_price(r)) or r for r in rows]
    arrays, extra = {}, {}
    for field in ('tools', 'tools_feedback'):
        source = 'solution' if field == 'tools' else 'feedback'
        pieces = [tool_pieces(r[source], r.get('search')) for r in rows]
        ids = [e.ids for e in t.encode_batch([text for p in pieces for text, _ in p], add_special_tokens=False)]
        at, joined = 0, []
        for p in pieces:  # every piece is tokenized on its own: results are put in by the run
            joined.append([(i, by_run) for k, (_, by_run) in enumerate(p) for i in ids[at + k]])
            at += len(p)
        extra[field] = joined
    for field, most in FIELDS.items():
        ids, lengths = np.zeros((len(rows), most), np.int16), np.zeros(len(rows), np.int16)
        if field in extra:
            by_run = np.zeros((len(rows), most), np.bool_)
            for i, e in enumerate(extra[field]):
                n = min(len(e), most)
                ids[i, :n], by_run[i, :n], lengths[i] = [x for x, _ in e[:n]], [x for _, x in e[:n]], n
            if field == 'tools':
                arrays['by_run'] = by_run
        else:
            for i, e in enumerate(t.encode_batch([r[field] for r in rows], add_special_tokens=False)):
                n = min(len(e.ids), most)
                ids[i, :n], lengths[i] = e.ids[:n], n
        arrays[field], arrays[field + '_length'] = ids, lengths
    arrays['untold'] = np.array(['search' in r for r in rows])
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
        self.heads = len(SYSTEMS[role])
        heads = [one(head_text(s)) for s in SYSTEMS[role] + [EXPERT, SUMMARIZER, TOOL_CALLER]]
        self.head = torch.nn.utils.rnn.pad_sequence(heads, batch_first=True)
        self.head_length = torch.tensor([len(h) for h in heads], device=device)
        labels = [one(s) for s in (SLOT_LABEL[role], SLOT_LABEL['planner'], FIRST, SECOND)]
        self.label = torch.nn.utils.rnn.pad_sequence(labels, batch_first=True)
        self.label_length = torch.tensor([len(x) for x in labels], device=device)
        self.tail = one(TAIL_TEXT)
        self.filler, self.end = t.token_to_id(FILLER), t.token_to_id(END)
        self.digits = torch.tensor([t.token_to_id(str(k)) for k in range(10)], device=device)
        self.rollouts = None
        path = f'{out}/rollouts-{role}.pt'
        if os.path.exists(path):
            self.rollouts = {k: v.to(device) for k, v in torch.load(path).items()}

    def field(self, name, index):
        return self.data[name][index].long(), self.data[name + '_length'][index].long()

    def choose(self, choice, fields, index):
        """choice [b]: which of the fields each row takes -> ids [b, w], length [b]"""
        ids, length = self.field(fields[0], index)
        for k, name in enumerate(fields[1:], 1):
            more, n = self.field(name, index)
            w = max(ids.shape[1], more.shape[1])
            ids, more = F.pad(ids, (0, w - ids.shape[1])), F.pad(more, (0, w - more.shape[1]))
            ids, length = torch.where((choice == k)[:, None], more, ids), torch.where(choice == k, n, length)
        return ids, length

    def closed(self, ids, length, total):
        """ids [b, w] cut or continued with the end token and fillers to `total` [b] rows."""
        b, device = len(ids), self.device
        wide = torch.full((b, int(total.max()) + 1), self.filler, device=device)
        w = min(wide.shape[1], ids.shape[1])
        place = torch.arange(wide.shape[1], device=device)[None]
        wide[:, :w] = torch.where(place[:, :w] < length[:, None], ids[:, :w], self.filler)
        return torch.where(place == length[:, None], self.end, wide)

    def rows(self, length, plain, whole):
        """How many rows of a message of `length` [b] tokens are seen: as plain text / padded to a number of rows / cut short."""
        rand = lambda: torch.rand(len(length), device=self.device)
        kind, room = rand(), (MESSAGE - length - 1).clamp(min=0)
        padded = length + 1 + (rand() * (room + 1)).long()
        cut = (rand() * (length + 1)).long()
        if self.role == 'solver':  # an empty or cut plan cannot be worked out
            cut = padded
        return torch.where(kind < plain, length, torch.where(kind < whole, padded, cut))

    def batch(self, size):
        """-> ids [b, t] right-padded; weight of the loss for predicting each position [b, t]; soft: where noise may go [b, t];
        doubt: (other ids [b, t], weight [b, t] of the other token's embedding in 0 to 0.5), where a message is undecided"""
        d, rand = self.device, lambda: torch.rand(size, device=self.device)
        zeros = torch.zeros(size, dtype=torch.long, device=d)
        index = torch.randint(0, self.size, (size,), device=d)
        rolled = None
        if self.rollouts is not None:  # half of the rows: what the sender really hands over
            pick = torch.randint(0, len(self.rollouts['index']), (size,), device=d)
            rolled = rand() < .5
            index = torch.where(rolled, self.rollouts['index'][pick], index)
        style = torch.where(rand() < .75, 0, torch.randint(0, self.heads, (size,), device=d))
        job, label = rand(), zeros
        question, question_length = self.field('question', index)
        second, second_length, second_label = question[:, :1], zeros, zeros
        if self.role == 'planner':
            with_slot = (rand() < .4).long()  # rounds from the second on
            message, length = self.field('feedback', index)
            target, target_length = self.field('plan', index)
            rows = self.rows(length, .3, .65)  # feedback is longer than most messages, so a fixed number of rows cuts it
        elif self.role == 'critic':
            if rolled is not None:
                job = torch.where(rolled, 0., job)
            expert = job > .75
            style = torch.where(expert, self.heads, style)
            label = expert.long()
            with_slot = (~expert | (job > .85)).long()
            choice = torch.where(expert, torch.where((rand() < .5) | self.data['untold'][index], 2, 1), 0)
            message, length = self.choose(choice, ['draft', 'feedback', 'tools_feedback'], index)
            target, target_length = self.field('plan', index)
            rows = torch.where(expert, self.rows(length, .3, .65), self.rows(length, .4, .92))
        else:
            tools = (job > .7) | self.data['untold'][index]
            two = ~tools & (job > .5)
            style = torch.where(tools, self.heads + 2, torch.where(two, self.heads + 1, style))
            label = two.long() * 2
            # the summarizer sees both plans right, or one of them wrong
            wrong = torch.where(two, (rand() * 4).long(), 0)
            message, length = self.choose((wrong == 1).long(), ['plan', 'draft'], index)
            second, second_length = self.choose((wrong == 2).long(), ['plan', 'draft'], index)
            second_rows = torch.where(two, self.rows(second_length, .4, .92), 0)
            second, second_length = self.closed(second, second_length, second_rows), second_rows
            second_label = two.long() * 3
            target, target_length = self.choose(tools.long(), ['solution', 'tools'], index)
            with_slot = torch.ones_like(zeros)
            rows = self.rows(length, .4, .92)
        inside = self.closed(message, length, rows)
        doubt = None
        if self.role == 'critic':  # a calibrated doubt at one place: the other token is right as often as its weight says
            plan, plan_length = self.field('plan', index)
            w = inside.shape[1]
            right = self.closed(plan, plan_length, rows)
            right = F.pad(right, (0, max(0, w - right.shape[1])), value=self.filler)[:, :w]
            place = torch.arange(w, device=d)[None]
            differs = (right != inside) & (place < rows[:, None])
            wrong, first = differs.any(1), differs.float().argmax(1)
            anywhere = (rand() * length.clamp(min=1)).long()
            at = torch.where(wrong, first, anywhere)
            swap = torch.where((inside[:, :, None] == self.digits).any(-1), self.digits[torch.randint(0, 10, inside.shape, device=d)],
                               inside.gather(1, torch.randint(0, w, inside.shape, device=d)))
            other = torch.where(wrong[:, None], right, swap)
            weight = torch.where(wrong, .5 * rand().sqrt(), 1 - (1 - .75 * rand()).sqrt())
            on = (rand() < .35) & (~expert) & (rows > 0)
            doubt = other, torch.where((place == at[:, None]) & on[:, None], weight[:, None], 0.)
        fill = torch.where(rand() < .5, 0, (rand() * 40).long())
        output_length = target_length + 1 + fill  # the agent's own text, its end token, and fillers for a rollout that is longer
        output = self.closed(target, target_length, output_length)
        tail = torch.full((size,), len(self.tail), device=d)
        if rolled is not None:  # ids of the likeliest token; the others come with `doubt`
            ids, p = self.rollouts['ids'][pick].long(), self.rollouts['p'][pick].float()
            n = torch.where(rand() < .5, (rand() * (MESSAGE - ids.shape[1] + 1)).long() + ids.shape[1],
                            torch.minimum(self.rollouts['length'][pick] + 1 + (rand() * 8).long(), torch.tensor(ids.shape[1], device=d)))
            w = max(inside.shape[1], int(n.max()))
            wide = lambda x, value: F.pad(x, (0, w - x.shape[1]), value=value)
            inside = torch.where(rolled[:, None], wide(ids[..., 0], self.filler), wide(inside, self.filler))
            rows = torch.where(rolled, n, rows)
            text = rand() < .4  # of these, some as the text hand-off gives them
            doubt = (torch.where(rolled[:, None], wide(ids[..., 1], self.filler), wide(doubt[0], self.filler)),
                     torch.where(rolled[:, None], torch.where(text[:, None], 0., wide(p[..., 1] / (p[..., 0] + p[..., 1]), 0.)),
                                 wide(doubt[1], 0.)))
        labels, label_lengths = self.label[label], self.label_length[label]
        pieces = [(self.head[style], self.head_length[style]), (question, question_length), (labels, with_slot * label_lengths),
                  (inside, with_slot * rows), (self.label[second_label], self.label_length[second_label] * (second_label > 0)),
                  (second, second_length), (self.tail[None].expand(size, -1), tail), (output, output_length)]
        starts = torch.stack([n for _, n in pieces]).cumsum(0)
        t = (int(starts[-1].max()) + 31) // 32 * 32
        place = torch.arange(t, device=d)[None]
        ids = torch.full((size, t), self.filler, device=d)
        before = torch.zeros(size, dtype=torch.long, device=d)
        spread = None
        for k, ((values, length), after) in enumerate(zip(pieces, starts)):
            here = (place >= before[:, None]) & (place < after[:, None])
            at = (place - before[:, None]).clamp(0, values.shape[1] - 1)
            ids = torch.where(here, values.gather(1, at), ids)
            if k == 3 and doubt is not None:
                at = (place - before[:, None]).clamp(0, doubt[0].shape[1] - 1)
                spread = doubt[0].gather(1, at), torch.where(here, doubt[1].gather(1, at), 0.)
            before = after
        begin = starts[-2][:, None]
        real = (place >= begin) & (place < begin + (target_length + 1)[:, None])
        after_end = (place >= begin) & (place < starts[-1][:, None]) & ~real
        weight = real.float() + .05 * after_end.float()
        if self.role == 'solver':  # a tool's result is written by the run; expecting it helps latent rounds a little
            by_run = F.pad(self.data['by_run'][index], (0, 1))
            at = (place - begin).clamp(0, by_run.shape[1] - 1)
            weight = torch.where(real & tools[:, None] & by_run.gather(1, at), .1, weight)
        inner = lambda k: (place >= starts[k - 1][:, None]) & (place < starts[k][:, None])
        return ids, weight, inner(7) | inner(3) | inner(5), spread


def noisy(agent, ids, soft, doubt):
    x = agent.embed(ids)
    if doubt is not None:
        x = x + doubt[1][..., None] * (agent.embed(doubt[0]) - x)
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
    if args.freeze:  # the tokens keep their embeddings, so links into this agent stay what they are
        model.model.embed_tokens.requires_grad_(False)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=args.rate, betas=(.9, .98),
                                  weight_decay=.05, fused=True)
    began, i, before, progress = time.time(), 0, 0., 0.
    saved = f'{args.out}/{role}-{args.phase}.pt'
    if os.path.exists(saved):  # goes on where --until ended it
        state = torch.load(saved)
        model.load_state_dict(state['model'])
        optimizer.load_state_dict(state['optimizer'])
        before, i = state['seconds'], state['step']
    while progress < 1:
        # warm-up over 4 %, then cosine to 0; with --seconds the clock ends the training if that comes first
        seconds = before + time.time() - began
        if args.until and seconds >= args.until:
            torch.save(dict(model=model.state_dict(), optimizer=optimizer.state_dict(), seconds=seconds, step=i), saved)
            break
        progress = max((i + 1) / args.steps, seconds / args.seconds if args.seconds else 0.)
        rate = args.rate * min(progress / .04, .5 + .5 * math.cos(math.pi * min(1., max(0., (progress - .04) / .96))))
        for group in optimizer.param_groups:
            group['lr'] = rate
        ids, weight, soft, doubt = batches.batch(args.batch)
        with torch.autocast('cuda', torch.bfloat16):
            x = noisy(model, ids, soft, doubt)
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
            print(f'{role} step {i} loss {loss.item():.4f} {seconds:.0f} s', flush=True)
        i += 1
    export(model, role, t, args.out)


@torch.no_grad()
def rollouts(args):
    """What the planner really hands to the critic: its soft rollouts, in which every step is fed back as the mean of the token
    embeddings under its own probabilities (close to what links carry), as the 2 likeliest tokens of each row."""
    device = args.device
    torch.cuda.set_device(device)
    planner, t = load('planner', args.out, device)
    batches = Batches('planner', args.out, device)
    end, kept = batches.end, []
    draw = torch.Generator(device='cpu').manual_seed(args.seed)
    prompts = Prompts(t, device)
    began = time.time()
    while sum(len(k['index']) for k in kept) < args.count and (not args.seconds or time.time() - began < args.seconds):
        index = torch.randint(0, batches.size, (2000,), generator=draw).to(device)
        question, length = batches.field('question', index)
        head, tail = prompts.ids(head_text(SYSTEMS['planner'][0])), prompts.ids(TAIL_TEXT)
        order = length.argsort()
        for part in order.split(1000):
            n = int(length[part].max())
            place = torch.arange(n, device=device)[None]
            ids = question[part].gather(1, (place - (n - length[part])[:, None]).clamp(min=0))
            # the head moves right with the question, so that padding is on the left
            rows = torch.cat([head[None].expand(len(part), -1), ids, tail[None].expand(len(part), -1)], 1)
            shift = n - length[part]
            whole = torch.arange(rows.shape[1], device=device)[None] - shift[:, None]
            rows = torch.where(whole < len(head), head[whole.clamp(0, len(head) - 1)], rows)
            s = Sequences(planner, planner.embed(rows), whole >= 0)
            tops, ps = [], []
            for _ in range(args.rows):
                p = planner.logits(s.last).float().softmax(-1)
                top = p.topk(2, -1)
                tops.append(top.indices.to(torch.int16))
                ps.append(top.values.half())
                s.step(p @ planner.table)
            tops, ps = torch.stack(tops, 1), torch.stack(ps, 1)
            ended = (tops[..., 0] == end).float()
            first = torch.where(ended.any(1), ended.argmax(1), args.rows - 1)
            kept.append(dict(index=index[part].cpu(), ids=tops.cpu(), p=ps.cpu(), length=first.cpu()))
    kept = {k: torch.cat([x[k] for x in kept]) for k in kept[0]}
    torch.save(kept, f'{args.out}/rollouts-critic.pt')
    plan, n = batches.field('plan', kept['index'].to(device))
    ids = kept['ids'][..., 0].long().to(device)
    w = min(plan.shape[1], ids.shape[1])
    inside = torch.arange(w, device=device)[None] < n[:, None]
    same = ((ids[:, :w] == plan[:, :w]) | ~inside).all(1) & (kept['length'].to(device) == n)
    print(f"rollouts {len(n)}, exact {same.float().mean().item():.4f}, {time.time() - began:.0f} s", flush=True)


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
    limits = {'planner': 64, 'critic': 64, 'solver': 192}

    def run(role, messages, system=None):
        texts, counts = [], []
        for i in range(0, n, 500):
            part = [prompts.text(agents[role], role, r['question'], m, system) for r, m in zip(tasks[i:i + 500], messages[i:i + 500])]
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
    report['expert alone'] = dict(exact=same(run('critic', [None] * n, EXPERT)[0]))
    tools = run('solver', [r['plan'] for r in tasks], TOOL_CALLER)[0]  # its own results, no tool is run
    wanted = [''.join(text for text, _ in tool_pieces(r['solution'])) for r in tasks]
    report['tool caller with the right plan'] = dict(exact=sum(a == b for a, b in zip(tools, wanted)) / n)
    report['solver alone'] = dict(accuracy=right(run('solver', [None] * n)[0]) / n)
    report['solver with the right plan'] = dict(accuracy=right(run('solver', [r['plan'] for r in tasks])[0]) / n)
    print(json.dumps(report, indent=1), flush=True)
    wrong = [(r['question'], p, q, r['plan']) for r, p, q in zip(tasks, plans, checked) if q.strip() != r['plan']]
    for w in wrong[:8]:
        print('wrong', w, flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('stage', choices=['tokenizer', 'tokens', 'agent', 'rollouts', 'evaluate'])
    p.add_argument('role', nargs='?', choices=list(ROLES))
    p.add_argument('--tasks', nargs='*', default=[])
    p.add_argument('--out', required=True)
    p.add_argument('--start', help='folder of agents to continue from (their tokenizer.json goes into --out first)')
    p.add_argument('--steps', type=int, default=12000)
    p.add_argument('--seconds', type=float, default=0, help='end after this long even if steps remain')
    p.add_argument('--until', type=float, default=0, help='stop after this many seconds in all, to go on with the same command later')
    p.add_argument('--phase', default='a', help='name of the state kept by --until')
    p.add_argument('--freeze', action='store_true', help='keep the embeddings as they are')
    p.add_argument('--count', type=int, default=200000, help='rollouts to make')
    p.add_argument('--rows', type=int, default=32, help='rows of each rollout')
    p.add_argument('--batch', type=int, default=512)
    p.add_argument('--rate', type=float, default=2e-3)
    p.add_argument('--rounds', type=int, default=3)
    p.add_argument('--limit', type=int, default=1000)
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--device', default='cuda:0')
    args = p.parse_args()
    os.makedirs(args.out, exist_ok=True)
    {'tokenizer': tokenizer, 'tokens': tokens, 'agent': agent, 'rollouts': rollouts, 'evaluate': evaluate}[args.stage](args)


if __name__ == '__main__':
    main()
