"""A model's matrices in the blocks that the CPU multiplies in, made once and not anew at each call.

oneDNN, by which torch multiplies on CPUs, works on weights in blocks of its own and makes them from the plain matrix
every time. With the blocks kept, the bundled model reads a question in 0.6 of the time in bfloat16 and half in float32, and
batches 1.1 and 1.5 times as fast (`python -m benchmarks.encoding`); the vectors are the same.

The operators are those that torch.compile writes for CPUs. They are not in torch's public interface: torch is pinned,
and encoder.py compares what comes out before it goes on with a packed model. Imports torch: import it lazily.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

# That blocks are chosen for: a question has some ten tokens, a batch thousands, and both are fast with this.
_ROWS = 64
_reorder: Any = getattr(torch.ops.mkldnn, "_reorder_linear_weight", None)
_multiply: Any = getattr(torch.ops.mkldnn, "_linear_pointwise", None)


class PackedLinear(nn.Module):
    """An `nn.Linear` for inference with its weights in blocks."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self._weight = _reorder(linear.weight.detach(), _ROWS)
        self._bias = None if linear.bias is None else linear.bias.detach()

    def forward(self, rows: Tensor) -> Tensor:
        """Return rows times the weights, plus the bias."""
        found: Tensor = _multiply(rows, self._weight, self._bias, "none", [], "")
        return found


def can_pack(device: str) -> bool:
    """Whether this build of torch has the operators for a device."""
    return torch.device(device).type == "cpu" and _reorder is not None and _multiply is not None


def pack_linears(module: nn.Module) -> list[tuple[nn.Module, str, nn.Linear]]:
    """Replace every `nn.Linear` inside a module; return (parent, name, what was there) of each.

    Raises RuntimeError where the CPU lacks a kernel for one, and replaces none.
    """
    found = [
        (parent, name, child)
        for parent in module.modules()
        for name, child in parent.named_children()
        if type(child) is nn.Linear
    ]
    packed = [PackedLinear(linear) for _, _, linear in found]
    for (parent, name, _), linear in zip(found, packed, strict=True):
        setattr(parent, name, linear)
    return found
