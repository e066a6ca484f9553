"""Prints what PyTorch makes of the logits of calibrate_test.go: the temperature of least
cross-entropy, by LBFGS over log T in float64, and the cross-entropy before and after.

    python temperature.py        # PyTorch 2.15
"""
import math

import torch

N, CLASSES = 37, 3


def logits():
    """The same as madeUp of calibrate_test.go, in float32."""
    rows = [[5 * math.sin(1.7 * i + 2.3 * k) + 0.4 * k for k in range(CLASSES)] for i in range(N)]
    return torch.tensor(rows, dtype=torch.float32).double()


def gold(z):
    """The likeliest label, but for every third row the next one."""
    return torch.tensor([(int(row.argmax()) + (i % 3 == 0)) % CLASSES for i, row in enumerate(z)])


z = logits()
y = gold(z)
nll = torch.nn.functional.cross_entropy
log_t = torch.zeros(1, dtype=torch.float64, requires_grad=True)
opt = torch.optim.LBFGS([log_t], max_iter=500, tolerance_grad=1e-14, tolerance_change=1e-16, line_search_fn="strong_wolfe")


def closure():
    opt.zero_grad()
    loss = nll(z / log_t.exp(), y)
    loss.backward()
    return loss


opt.step(closure)
print("temperature %.10f" % log_t.exp().item())
print("nll before %.10f after %.10f" % (nll(z, y).item(), nll(z / log_t.exp(), y).item()))
p = (z / log_t.exp()).softmax(1)
print("brier before %.10f after %.10f" % tuple(((q - torch.nn.functional.one_hot(y, CLASSES)) ** 2).sum(1).mean().item() for q in (z.softmax(1), p)))
