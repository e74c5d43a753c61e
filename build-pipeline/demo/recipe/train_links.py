"""Trains the outer links of the demo team by real rollouts, from a start in closed form.

    torchrun --nproc_per_node N train_links.py --agents DIR --tasks train-*.jsonl --held-out held-out.jsonl \\
        --links recursivelink-start.json --out recursivelink.json --seconds 400

The forward pass is the one of the runtime: every agent rolls out m latent steps (hidden state of the last position, through
the inner link, appended as the next input), its message is outer(inner(H)), the message stands in the next agent's slot, the
last agent's message of a round is the first agent's feedback in the next. The loss is the cross-entropy of the solver's text
in the last round. Agents and inner links are frozen; gradients run through the whole unrolled graph. Rounds and m are drawn
per step. Links, gradients and optimiser state are float32.
"""
import argparse
import base64
import glob
import json
import math
import os
import random
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.nn as nn
import torch.nn.functional as F

from common import END, ROLES, SLOT_LABEL, SYSTEMS, TAIL_TEXT, Sequences, answer_of, generate, head_text, read_tasks, wilson
from train_agents import load

NEXT = {'planner': 'critic', 'critic': 'solver', 'solver': 'planner'}


class Link(nn.Module):
    """post(proj2 GELU(proj1 LN(x)) + residual(x)), as docs/recursivelink.md says."""

    def __init__(self, entry, device):
        super().__init__()
        self.entry = entry
        self.tensors = nn.ParameterDict()
        for name, t in entry['tensors'].items():
            assert t['dtype'] == 'f32', name
            values = np.frombuffer(base64.b64decode(t['data']), '<f4').reshape(t['shape'])
            self.tensors[name.replace('.', '/')] = nn.Parameter(torch.tensor(values, device=device))

    def get(self, name):
        return self.tensors[name.replace('.', '/')]

    def forward(self, x):
        y = x if self.entry['residual'] == 'identity' else F.linear(x, self.get('residual_proj.weight'), self.get('residual_proj.bias'))
        if self.entry['hidden_width']:
            z = F.layer_norm(x, x.shape[-1:], self.get('pre_ln.weight'), self.get('pre_ln.bias'))
            z = F.gelu(F.linear(z, self.get('proj1.weight'), self.get('proj1.bias')))
            y = y + F.linear(z, self.get('proj2.weight'), self.get('proj2.bias'))
        if self.entry['post_norm'] == 'layer_norm':
            y = F.layer_norm(y, y.shape[-1:], self.get('post_ln.weight'), self.get('post_ln.bias'))
        return y

    def exported(self):
        tensors = {k.replace('/', '.'): dict(shape=list(p.shape), dtype='f32',
                                             data=base64.b64encode(p.detach().cpu().numpy().astype('<f4').tobytes()).decode())
                   for k, p in self.tensors.items()}
        entry = {**self.entry, 'tensors': tensors}
        if entry['hidden_width'] and not any(self.get(k).any() for k in ('proj2.weight', 'proj2.bias')):
            # an MLP branch that was never trained adds nothing: leave it out
            entry['hidden_width'] = 0
            entry['tensors'] = {k: v for k, v in tensors.items() if k.startswith(('residual_proj', 'post_ln'))}
        return entry


class Team:
    def __init__(self, args, device):
        self.device, self.file = device, json.load(open(args.links))
        self.agents = {}
        for role in ROLES:
            self.agents[role], self.tokenizer = load(role, args.agents, device)
        self.inner = {e['from']: Link(e, device) for e in self.file['links'] if e['kind'] == 'inner'}
        self.outer = {e['from']: Link(e, device) for e in self.file['links'] if e['kind'] == 'outer'}
        assert {r: l.entry['to'] for r, l in self.outer.items()} == NEXT
        self.cache = {}

    def ids(self, text):
        if text not in self.cache:
            if len(self.cache) > 200000:
                self.cache.clear()
            self.cache[text] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return self.cache[text]

    def prompts(self, role, questions, latents):
        """latents None or [b, m, hidden] -> x [b, t, hidden], valid [b, t]; tokenized piece by piece"""
        agent, b = self.agents[role], len(questions)
        end = TAIL_TEXT if latents is None else SLOT_LABEL[role]
        heads = [self.ids(head_text(SYSTEMS[role][0]) + q + end) for q in questions]
        longest = max(map(len, heads))
        ids = torch.tensor([[0] * (longest - len(h)) + h for h in heads], device=self.device)
        valid = torch.tensor([[False] * (longest - len(h)) + [True] * len(h) for h in heads], device=self.device)
        parts = [agent.embed(ids)]
        if latents is not None:
            tail = torch.tensor(self.ids(TAIL_TEXT), device=self.device)
            parts += [latents, agent.embed(tail)[None].expand(b, -1, -1)]
            valid = torch.cat([valid, torch.ones(b, latents.shape[1] + len(tail), dtype=torch.bool, device=self.device)], 1)
        return torch.cat(parts, 1), valid

    def message(self, role, prompts, m):
        """One rollout of m steps -> outer(inner(H)) [b, m, hidden of the next agent]"""
        if m == 0:
            return prompts[0].new_zeros(len(prompts[0]), 0, self.agents[NEXT[role]].config['hidden'])
        s, fed = Sequences(self.agents[role], *prompts), []
        for i in range(m):
            fed.append(self.inner[role](s.last))
            if i < m - 1:
                s.step(fed[-1])
        return self.outer[role](torch.stack(fed, 1))

    def solver_prompts(self, questions, rounds, m):
        feedback = None
        for r in range(rounds):
            draft = self.message('planner', self.prompts('planner', questions, feedback), m)
            plan = self.message('critic', self.prompts('critic', questions, draft), m)
            prompts = self.prompts('solver', questions, plan)
            if r < rounds - 1:
                feedback = self.message('solver', prompts, m)
        return prompts

    def loss(self, rows, rounds, m):
        x, valid = self.solver_prompts([r['question'] for r in rows], rounds, m)
        solver, end = self.agents['solver'], self.tokenizer.token_to_id(END)
        targets = [self.ids(r['solution']) + [end] for r in rows]
        longest = max(map(len, targets))
        ids = torch.tensor([t + [0] * (longest - len(t)) for t in targets], device=self.device)
        real = torch.tensor([[True] * len(t) + [False] * (longest - len(t)) for t in targets], device=self.device)
        # right padding behind a row's last token: never attended by what counts
        s = Sequences(solver, torch.cat([x, solver.embed(ids[:, :-1])], 1), torch.cat([valid, torch.ones_like(real[:, :-1])], 1))
        return F.cross_entropy(solver.logits(s.states[:, x.shape[1] - 1:][real]), ids[real])

    @torch.no_grad()
    def accuracy(self, tasks, rounds, m):
        right, tokens = 0, 0
        for i in range(0, len(tasks), 250):
            part = tasks[i:i + 250]
            texts, counts = generate(self.agents['solver'], self.solver_prompts([r['question'] for r in part], rounds, m),
                                     self.tokenizer, 128)
            right += sum(answer_of(t) == r['answer'] for t, r in zip(texts, part))
            tokens += sum(counts)
        return right / len(tasks), tokens / len(tasks)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--agents', required=True, help='folder with planner/, critic/, solver/')
    p.add_argument('--tasks', nargs='+', required=True)
    p.add_argument('--held-out', required=True)
    p.add_argument('--links', required=True, help='recursivelink.json in closed form, with an MLP branch whose output is 0')
    p.add_argument('--out', required=True)
    p.add_argument('--steps', type=int, default=100000)
    p.add_argument('--seconds', type=float, default=0)
    p.add_argument('--batch', type=int, default=128, help='problems per process and step')
    p.add_argument('--rate', type=float, default=5e-4)
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--limit', type=int, default=1000, help='held-out problems of the final evaluation')
    args = p.parse_args()
    rank, world = int(os.environ.get('RANK', 0)), int(os.environ.get('WORLD_SIZE', 1))
    device = f'cuda:{os.environ.get("LOCAL_RANK", 0)}'
    torch.cuda.set_device(device)
    if world > 1:
        dist.init_process_group('nccl')
    team = Team(args, device)
    paths = sorted(q for pattern in args.tasks for q in glob.glob(pattern))
    rows = [r for path in paths[rank::world] for r in read_tasks(path)]
    held_out = read_tasks(args.held_out, args.limit)
    draw, shared = random.Random(args.seed * 1000 + rank), random.Random(args.seed)
    parameters = [q for link in team.outer.values() for q in link.parameters()]
    say = print if rank == 0 else lambda *a, **k: None
    say('outer parameters', sum(q.numel() for q in parameters), 'inner', sum(q.numel() for l in team.inner.values() for q in l.parameters()))
    if rank == 0:
        say('start, m 32, rounds 1 and 2:', [team.accuracy(held_out[:256], r, 32)[0] for r in (1, 2)], flush=True)
    optimizer = torch.optim.AdamW(parameters, lr=args.rate, betas=(.9, .95), weight_decay=0.)
    began, progress, i = time.time(), 0., 0
    while progress < 1:
        clock = torch.tensor([(i + 1) / args.steps, (time.time() - began) / args.seconds if args.seconds else 0.], device=device)
        if world > 1:
            dist.broadcast(clock, 0)
        progress = float(clock.max())
        for group in optimizer.param_groups:
            group['lr'] = args.rate * min((i + 1) / 30, .5 + .5 * math.cos(math.pi * min(1., progress)))
        rounds, m = shared.choice((1, 1, 2, 2, 3)), shared.choice((20, 24, 28, 32, 36))
        loss = team.loss(draw.sample(rows, args.batch), rounds, m)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if not math.isfinite(loss.item()):
            raise SystemExit(f'step {i}, {rounds} rounds, m {m}: the loss is not finite')
        for q in parameters:
            if q.grad is None:  # the feedback link in a single round
                q.grad = torch.zeros_like(q)
            if world > 1:
                dist.all_reduce(q.grad, op=dist.ReduceOp.AVG)
        nn.utils.clip_grad_norm_(parameters, 1.)
        optimizer.step()
        if i % 20 == 0:
            say(f'step {i} rounds {rounds} m {m} loss {loss.item():.4f} {time.time() - began:.0f} s', flush=True)
        if i % 150 == 149 and rank == 0:
            say('  held-out (256), m 32, rounds 1, 2:', [team.accuracy(held_out[:256], r, 32)[0] for r in (1, 2)], flush=True)
        i += 1
    if rank == 0:
        results = {}
        for m, r in [(32, 1), (32, 2), (32, 3), (0, 1), (16, 2), (24, 2), (48, 2), (64, 2)]:
            tasks = held_out if m == 32 else held_out[:500]
            a, tokens = team.accuracy(tasks, r, m)
            results[f'm {m}, {r} rounds'] = a
            low, high = wilson(round(a * len(tasks)), len(tasks))
            say(f'm {m} rounds {r}: {100 * a:.1f} % ({100 * low:.1f} to {100 * high:.1f}), {tokens:.1f} tokens', flush=True)
        file = team.file
        file['links'] = [{'inner': team.inner, 'outer': team.outer}[e['kind']][e['from']].exported() for e in file['links']]
        file['training'] = {**file.get('training', {}), 'outer': f'{i} steps of {args.batch * world} problems, AdamW {args.rate}, '
                            f'warm-up 30, cosine, clip 1, rounds 1 to 3, m 20 to 36, seed {args.seed}',
                            'held_out_accuracy': json.dumps(results)}
        json.dump(file, open(args.out, 'w'), indent=1)
    if world > 1:
        dist.barrier()
        dist.destroy_process_group()


if __name__ == '__main__':
    main()
