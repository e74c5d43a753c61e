"""Shared parts of the demo's training recipe: the Qwen2-shaped model, prompts, task data, batched decoding."""
import json
import math
import re

import torch
import torch.nn as nn
import torch.nn.functional as F
from tokenizers import Tokenizer

FILLER, START, END = '<|endoftext|>', '<|im_start|>', '<|im_end|>'
HEAD = 64
ROLES = {
    'planner': dict(hidden=256, layers=5, heads=4, kv=2, ffn=704),
    'critic': dict(hidden=256, layers=4, heads=4, kv=2, ffn=704),
    'solver': dict(hidden=192, layers=4, heads=3, kv=1, ffn=512),
}
# The first system message of a role is the shipped one; the others make the agent forgive a person who edits it.
SYSTEMS = {
    'planner': ['You are the planner. List the operations that answer the question.', 'List the operations.',
                'Plan the calculation.', 'You plan. Write down the operations in order.', 'You are a careful planner.'],
    'critic': ['You are the critic. Correct the draft of the operations.', 'Correct the draft.',
               'Check the operations and repair them.', 'You check plans. Write the right operations.', 'You are a strict critic.'],
    'solver': ['You are the solver. Work out the plan step by step.', 'Work it out.', 'Solve the plan step by step.',
               'You calculate. Carry out the operations.', 'You are a patient solver.'],
}
# Further jobs of the same agents in the other collaboration patterns: exactly these system messages.
EXPERT = 'You are an expert. List the operations that answer the question.'  # critic, with no draft: Mixture, Deliberation
SUMMARIZER = 'You are the summarizer. Choose the right plan and work it out.'  # solver: Mixture
TOOL_CALLER = 'You are the tool caller. Work out the plan with the tools.'  # solver: Deliberation
FIRST, SECOND = '\nFirst: ', '\nSecond: '  # the summarizer's two slots
# What stands in front of the slot in the user message: question, then this, then the message.
SLOT_LABEL = {'planner': '\nFeedback: ', 'critic': '\nDraft: ', 'solver': '\nPlan: '}


def head_text(system):
    return f'{START}system\n{system}{END}\n{START}user\n'


TAIL_TEXT = f'{END}\n{START}assistant\n'
MARKER = 'Answer:'


def tool_pieces(solution, search=None):
    """The solver's worked text as the tool caller writes it: [(text, written by the run)], one call a segment.

    "98*3=294; 294+34=328, 328-3*5=313. Answer: 313" ->
    <calc>(98*3)</calc> | <result>294</result> | <calc>((294+34)-3*5)</calc> | <result>313</result> | Answer: 313
    search: (query, result) that goes first, or None.
    """
    body, _, answer = solution.rpartition(MARKER)
    pieces = [(f'<search>{search[0]}</search>', False), (f'<result>{search[1]}</result>', True)] if search else []
    for segment in body.strip().rstrip('.').split('; ') if body.strip() else []:
        expression, value = '', None
        for step in segment.split(', '):
            left, result = step.split('=')
            expression = f'({left})' if value is None else f'({expression}{left[len(value):]})'
            value = result
        pieces += [(f'<calc>{expression}</calc>', False), (f'<result>{value}</result>', True)]
    return pieces + [(f'{MARKER} {answer.strip()}', False)]


PRICE = re.compile(r'Each of the (\w+) costs (\d+) dollars\. ')


def untold_price(row):
    """The same problem without the sentence that tells the price, its plan ending in ` *$`, and what a search would find; or None."""
    told = PRICE.search(row['question'])
    if not told:
        return None
    last = f' *{told[2]}'
    if not row['plan'].endswith(last):
        return None
    cut = lambda plan: plan[:-len(last)] + ' *$' if plan.endswith(last) else plan
    return dict(row, question=row['question'].replace(told[0], '', 1), plan=cut(row['plan']), draft=cut(row['draft']),
                search=(f'price of {told[1]}', told[0].strip()))


def answer_of(text):
    at = text.rfind(MARKER)
    return text[at + len(MARKER):].strip() if at >= 0 else ''


class Norm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return F.rms_norm(x, (x.shape[-1],), self.weight, 1e-6)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads, self.kv = c['heads'], c['kv']
        self.q_proj = nn.Linear(c['hidden'], self.heads * HEAD)
        self.k_proj = nn.Linear(c['hidden'], self.kv * HEAD)
        self.v_proj = nn.Linear(c['hidden'], self.kv * HEAD)
        self.o_proj = nn.Linear(self.heads * HEAD, c['hidden'], bias=False)

    def forward(self, x, cos, sin, mask, past):
        b, t, _ = x.shape
        q = self.q_proj(x).view(b, t, self.heads, HEAD).transpose(1, 2)
        k = self.k_proj(x).view(b, t, self.kv, HEAD).transpose(1, 2)
        v = self.v_proj(x).view(b, t, self.kv, HEAD).transpose(1, 2)
        turn = lambda z: torch.cat([-z[..., HEAD // 2:], z[..., :HEAD // 2]], -1)
        q, k = (q * cos + turn(q) * sin).to(v.dtype), (k * cos + turn(k) * sin).to(v.dtype)
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None, enable_gqa=True)
        return self.o_proj(y.transpose(1, 2).reshape(b, t, -1)), (k, v)


class Mlp(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.gate_proj = nn.Linear(c['hidden'], c['ffn'], bias=False)
        self.up_proj = nn.Linear(c['hidden'], c['ffn'], bias=False)
        self.down_proj = nn.Linear(c['ffn'], c['hidden'], bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.self_attn, self.mlp = Attention(c), Mlp(c)
        self.input_layernorm, self.post_attention_layernorm = Norm(c['hidden']), Norm(c['hidden'])

    def forward(self, x, cos, sin, mask, past):
        y, kv = self.self_attn(self.input_layernorm(x), cos, sin, mask, past)
        x = x + y
        return x + self.mlp(self.post_attention_layernorm(x)), kv


class Trunk(nn.Module):
    def __init__(self, c, vocab):
        super().__init__()
        self.embed_tokens = nn.Embedding(vocab, c['hidden'])
        nn.init.normal_(self.embed_tokens.weight, std=.02)
        self.layers = nn.ModuleList([Layer(c) for _ in range(c['layers'])])
        self.norm = Norm(c['hidden'])


class Agent(nn.Module):
    """Parameter names are those of Qwen2ForCausalLM with tied embeddings."""

    def __init__(self, role, vocab):
        super().__init__()
        self.config = ROLES[role]
        self.model = Trunk(self.config, vocab)

    @property
    def table(self):
        return self.model.embed_tokens.weight  # [vocab, hidden]

    def embed(self, ids):
        return self.model.embed_tokens(ids)

    def hidden(self, x, positions, mask=None, past=None):
        """x [b, t, hidden] embeddings, positions [b, t], mask bool [b, 1, t, s] or None (causal) -> after the final norm."""
        inverse = 1e4 ** (-torch.arange(0, HEAD, 2, device=x.device).float() / HEAD)
        angle = (positions[..., None].float() * inverse).repeat(1, 1, 2)[:, None]
        cos, sin, kvs = angle.cos(), angle.sin(), []
        for i, layer in enumerate(self.model.layers):
            x, kv = layer(x, cos, sin, mask, past[i] if past else None)
            kvs.append(kv)
        return self.model.norm(x), kvs

    def logits(self, h):
        return h @ self.table.T


def left_padded(embeddings):
    """list of [t_i, hidden] -> x [b, t, hidden], valid [b, t]"""
    device, longest = embeddings[0].device, max(len(e) for e in embeddings)
    lengths = torch.tensor([len(e) for e in embeddings], device=device)
    x = torch.stack([F.pad(e, (0, 0, longest - len(e), 0)) for e in embeddings])
    return x, torch.arange(longest, device=device)[None] >= (longest - lengths)[:, None]


class Sequences:
    """A batch with its KV cache, for prefill and single steps."""

    def __init__(self, agent, x, valid):
        """x [b, t, hidden] embeddings, padded where valid [b, t] is false; the last position is valid everywhere"""
        self.agent, self.valid, t = agent, valid, x.shape[1]
        position = (valid.cumsum(1) - 1).clamp(min=0)
        square = torch.ones(t, t, dtype=torch.bool, device=x.device)
        mask = (square.tril()[None] & valid[:, None, :] | torch.eye(t, dtype=torch.bool, device=x.device)[None])[:, None]
        self.states, self.past = agent.hidden(x, position, mask)  # states [b, t, hidden]
        self.last, self.position = self.states[:, -1], position[:, -1:]

    def step(self, x):
        """x [b, hidden] -> hidden state [b, hidden]"""
        self.valid = torch.cat([self.valid, torch.ones_like(self.valid[:, :1])], 1)
        self.position = self.position + 1
        h, self.past = self.agent.hidden(x[:, None], self.position, self.valid[:, None, None, :], self.past)
        self.last = h[:, -1]
        return self.last


@torch.no_grad()
def generate(agent, embeddings, tokenizer, limit):
    """embeddings: (x, valid) as Sequences takes them. Greedy texts and the number of decoded tokens (the end token included) of each."""
    s, end, rows = Sequences(agent, *embeddings), tokenizer.token_to_id(END), []
    done = torch.zeros(len(s.last), dtype=torch.bool, device=s.last.device)
    for _ in range(limit):
        token = agent.logits(s.last).argmax(-1)
        token = torch.where(done, torch.full_like(token, end), token)
        rows.append(token)
        done |= token == end
        if done.all():
            break
        s.step(agent.embed(token))
    texts, counts = [], []
    for ids in torch.stack(rows, 1).tolist():
        cut = ids.index(end) if end in ids else len(ids)
        texts.append(tokenizer.decode(ids[:cut]))
        counts.append(cut + 1)
    return texts, counts


class Prompts:
    """Prompt pieces, each tokenized on its own, as the runtime does."""

    def __init__(self, tokenizer, device):
        self.tokenizer, self.device, self.cache = tokenizer, device, {}

    def ids(self, text):
        if text not in self.cache:
            self.cache[text] = torch.tensor(self.tokenizer.encode(text, add_special_tokens=False).ids,
                                             dtype=torch.long, device=self.device)
        return self.cache[text]

    def text(self, agent, role, question, message, system=None):
        """message: None (no slot), a string, or latents [m, hidden] -> embeddings [t, hidden]"""
        head = head_text(system or SYSTEMS[role][0])
        if message is None:
            return torch.cat([agent.embed(self.ids(head + question + TAIL_TEXT))])
        before = agent.embed(self.ids(head + question + SLOT_LABEL[role]))
        inside = agent.embed(self.ids(message)) if isinstance(message, str) else message
        return torch.cat([before, inside, agent.embed(self.ids(TAIL_TEXT))])


def read_tasks(path, limit=None):
    rows = []
    with open(path) as lines:
        for line in lines:
            rows.append(json.loads(line))
            if limit and len(rows) >= limit:
                break
    return rows


def load_tokenizer(folder):
    return Tokenizer.from_file(f'{folder}/tokenizer.json')


def wilson(right, n):
    """95 % interval of a proportion."""
    p, z = right / n, 1.96
    mid, half = (p + z * z / (2 * n)) / (1 + z * z / n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return mid - half, mid + half
