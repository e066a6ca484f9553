#!/usr/bin/env python3
"""Makes the files beside it, with PyTorch 1.13 (Debian's python3-torch):

    python3 make.py

Element i of every tensor, in row-major order, is (i % 100) / 4 - 8 in every dtype,
rounded down where that is whole numbers, and true where it is above 0.
"""
import os
from collections import OrderedDict

import torch


def ramp(*shape, dtype=torch.float32):
    n = 1
    for d in shape:
        n *= d
    flat = (torch.arange(n) % 100).double() / 4 - 8
    if dtype == torch.bool:
        return (flat > 0).reshape(shape)
    return (flat if dtype.is_floating_point else flat.floor()).to(dtype).reshape(shape)


def view(t, strided):
    """The values of t in a view of other memory."""
    strided.copy_(t)
    return strided


state = OrderedDict()
state["single"] = ramp(7, 2, 5)
state["double"] = ramp(13, dtype=torch.float64)
state["half"] = ramp(3, 5, dtype=torch.float16)
state["brain"] = ramp(5, 3, dtype=torch.bfloat16)
state["long"] = ramp(1, 9, dtype=torch.int64)
state["bool"] = ramp(50, dtype=torch.bool)
state["scalar"] = ramp()
state["empty"] = ramp(0, 4)
state["parameter"] = torch.nn.Parameter(ramp(4, 3))
state["tied"] = state["single"]  # one storage, two names
whole = torch.zeros(11, 6)
state["rows"] = view(ramp(3, 6), whole[5:8])  # contiguous, but not from the beginning
state["columns"] = view(ramp(11, 2), torch.zeros(11, 6)[:, 3:5])
state["transposed"] = view(ramp(5, 7, dtype=torch.float16), torch.zeros(7, 5, dtype=torch.float16).t())
state["permuted"] = view(ramp(4, 2, 3), torch.zeros(3, 4, 2).permute(1, 2, 0))
state["expanded"] = torch.full((1,), -8.0).expand(1, 1)
state["step"] = 12  # no tensor
state._metadata = OrderedDict([("", {"version": 1})])

assert torch.__version__.startswith("1.13"), torch.__version__
os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__))))
torch.save(state, "zip.bin")
torch.save(state, "protocol4.bin", pickle_protocol=4)
torch.save(state, "legacy.bin", _use_new_zipfile_serialization=False)
torch.save(torch.nn.Linear(2, 3), "module.bin")  # a pickled class, not a state dict
torch.save({"epoch": 3, "model": OrderedDict(w=ramp(2))}, "training.bin")
torch.save([ramp(2)], "list.bin")
