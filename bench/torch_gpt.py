"""The reference workload in PyTorch, eager, f32 with TF32 off.

In: the folder that `npm run bench -- --node --torch` writes: problem.json, one file per weight, the windows of the first steps.
Out: one line of JSON with the losses and the milliseconds of each timed step.
"""
import json
import sys
import time
from pathlib import Path

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


def windows(folder, problem, step, device):
    shape = (problem["batch"], problem["time"])
    return [torch.from_numpy(np.fromfile(folder / f"{kind}.{step}.i32", dtype=np.int32).reshape(shape)).to(device).long() for kind in ("ids", "targets")]


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


def main():
    folder = Path(sys.argv[1])
    device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    problem, weights = load(folder, device)
    s = problem["settings"]
    groups = [
        {"params": [weights[one["name"]] for one in problem["weights"] if one["decay"] is decay], "weight_decay": s["weightDecay"] if decay else 0.0}
        for decay in (True, False)
    ]
    optimizer = torch.optim.AdamW(groups, lr=s["learningRate"], betas=(s["beta1"], s["beta2"]), eps=s["epsilon"])
    wait = torch.cuda.synchronize if device == "cuda" else torch.mps.synchronize if device == "mps" else lambda: None
    losses, times = [], []
    for step in range(problem["steps"]):
        ids, targets = windows(folder, problem, step, device)
        wait()
        start = time.perf_counter()
        loss = loss_of(problem, weights, ids, targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(weights.values()), s["gradientClipping"])
        optimizer.step()
        wait()
        times.append(1000 * (time.perf_counter() - start))
        losses.append(loss.item())
    name = torch.cuda.get_device_name() if device == "cuda" else device
    # The first steps choose algorithms and fill caches.
    print(json.dumps({"losses": losses, "milliseconds": times[4:], "device": name, "version": torch.__version__}))


main()
