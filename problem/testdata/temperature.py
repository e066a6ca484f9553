"""Prints what PyTorch makes of the logits of calibrate_test.go: the temperature of least
cross-entropy in float64, and the cross-entropy and Brier score before and after.

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


def fit(loss):
    """The temperature of the least loss(T): where autograd's derivative changes its sign."""
    low, high = torch.tensor(0.05, dtype=torch.float64), torch.tensor(20.0, dtype=torch.float64)
    for _ in range(100):
        t = ((low + high) / 2).requires_grad_()
        loss(t).backward()
        low, high = (low, t.detach()) if t.grad > 0 else (t.detach(), high)
    return low


def show(name, t, loss, probabilities, truth, brier):
    print(name)
    print("temperature %.10f" % t.item())
    print("nll before %.10f after %.10f" % (loss(1).item(), loss(t).item()))
    print("brier before %.10f after %.10f" % tuple(brier((p - truth) ** 2).item() for p in (probabilities(1), probabilities(t))))


F = torch.nn.functional
z = logits()
y = gold(z)
softmax = lambda t: F.cross_entropy(z / t, y)
show("one label", fit(softmax), softmax, lambda t: (z / t).softmax(1), F.one_hot(y, CLASSES), lambda d: d.sum(1).mean())

# Each label by itself: an example has those whose logits are above 0, but every third
# example the others.
has = torch.tensor([[float((v > 0) != (i % 3 == 0)) for v in row] for i, row in enumerate(z)], dtype=torch.float64)
sigmoid = lambda t: F.binary_cross_entropy_with_logits(z / t, has)
show("labels by themselves", fit(sigmoid), sigmoid, lambda t: (z / t).sigmoid(), has, lambda d: d.mean())
