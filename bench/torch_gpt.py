"""The reference workload in PyTorch, eager, f32 with TF32 off.

In: the folder that `npm run bench -- --torch` writes (problemFiles.ts: problem.json, one file per weight, the windows of the next steps), "cpu" or
"any" device, a number of threads; then one question a line, as the workers of the benchmark get them. Out: one line of JSON for each.
"""
import json
import sys
import time
from pathlib import Path

BEGAN = time.perf_counter()

import numpy as np
import torch
import torch.nn.functional as F


def load(folder, device):
    problem = json.loads((folder / "problem.json").read_text())
    weights = {}
    for weight in problem["weights"]:
        data = np.fromfile(folder / f"{weight['name']}.f32", dtype=np.float32).reshape(weight["shape"])
        weights[weight["name"]] = torch.from_numpy(data).to(device).requires_grad_(True)
    return problem, weights


def read_windows(folder, problem, device):
    """Ids and targets of the next steps: [steps][2] of [B, T]."""
    numbers = np.fromfile(folder / "windows.i32", dtype=np.int32).reshape(-1, 2, problem["batch"], problem["time"])
    return torch.from_numpy(numbers).to(device).long()


def loss_of(problem, w, ids, targets):
    batch, length, width, heads = problem["batch"], problem["time"], problem["width"], problem["heads"]

    def norm(x, name):
        return F.layer_norm(x, (width,), w[f"{name}.gain"], w[f"{name}.bias"], 1e-5)

    x = F.embedding(ids, w["tokenEmbedding"]) + w["positionEmbedding"]
    for layer in range(problem["layers"]):
        name = f"layers.{layer}"
        packed = F.linear(norm(x, f"{name}.attentionNorm"), w[f"{name}.attention.qkv.weight"])
        q, k, v = packed.view(batch, length, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(batch, length, width)
        x = x + F.linear(mixed, w[f"{name}.attention.output.weight"])
        up = F.linear(norm(x, f"{name}.feedForwardNorm"), w[f"{name}.feedForward.up.weight"])
        x = x + F.linear(F.gelu(up, approximate="tanh"), w[f"{name}.feedForward.down.weight"])
    logits = F.linear(norm(x, "finalNorm"), w["head.weight"])
    return F.cross_entropy(logits.view(-1, problem["vocabulary"]), targets.reshape(-1))


def choose_device(wanted):
    if wanted == "cpu":
        return "cpu"
    return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"


def make_update(problem, weights):
    s = problem["settings"]
    groups = [
        {"params": [weights[one["name"]] for one in problem["weights"] if one["decay"] is decay], "weight_decay": s["weightDecay"] if decay else 0.0}
        for decay in (True, False)
    ]
    optimizer = torch.optim.AdamW(groups, lr=s["learningRate"], betas=(s["beta1"], s["beta2"]), eps=s["epsilon"])

    def update(ids, targets):
        loss = loss_of(problem, weights, ids, targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(weights.values()), s["gradientClipping"])
        optimizer.step()
        return loss.detach()

    return update


def run_block(update, windows, reading):
    """Milliseconds until the last loss is here, and the losses."""
    losses = []
    start = time.perf_counter()
    for ids, targets in windows:
        loss = update(ids, targets)
        losses.append(loss.item() if reading == "every step" else loss)
    losses = [float(loss) for loss in losses]
    return 1000 * (time.perf_counter() - start), losses


def describe(device):
    if device == "cuda":
        return torch.cuda.get_device_name()
    return f"the processor, {torch.backends.cpu.get_cpu_capability()}" if device == "cpu" else device


def main():
    folder, wanted, threads = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    torch.set_num_threads(threads)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    device = choose_device(wanted)
    opened = 1000 * (time.perf_counter() - BEGAN)
    for line in sys.stdin:
        question = json.loads(line)
        start = time.perf_counter()
        if question["ask"] == "start":
            problem, weights = load(folder, device)
            update = make_update(problem, weights)
        windows = read_windows(folder, problem, device)
        ms, losses = run_block(update, windows, question.get("reading"))
        answer = {"ms": ms, "losses": losses}
        if question["ask"] == "start":
            answer = {"deviceMs": opened, "firstStepMs": 1000 * (time.perf_counter() - start), "losses": losses}
            answer["detail"] = f"{torch.__version__} on {describe(device)}, f32, eager"
            if device == "cpu":
                answer["threads"] = torch.get_num_threads()
        print(json.dumps(answer), flush=True)


main()
