"""gradcheck needs no array library: the pure-Python backend does, in an interpreter of its own."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
for name in ("numpy", "scipy", "torch", "ml_dtypes"):
    sys.modules[name] = None  # an import of it fails
import autograd_core as ag

ag.set_default_backend("python")
x = ag.tensor([0.5, 1.5], dtype=ag.float64, requires_grad=True)
z = ag.tensor([0.5 + 1j], dtype=ag.complex128, requires_grad=True)
for fast in (False, True):
    assert ag.autograd.gradcheck(lambda a: a.sin() * 2, (x,), fast_mode=fast, check_forward_ad=True)
    assert ag.autograd.gradcheck(lambda a: a * a.conj(), (z,), fast_mode=fast)
    assert ag.autograd.gradgradcheck(lambda a: a.exp(), (x,), fast_mode=fast)
assert not ag.autograd.gradcheck(lambda a: a * a.detach(), (x,), raise_exception=False)
print("checked")
"""


def test_gradcheck_without_array_libraries() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("checked\n", "")
