"""Small programs on which a subject once differed from torch: all that they leave is compared.

A program finds leaves ``x`` and ``y`` (2, 3) and ``v`` (3,) of float64 that require gradients,
``pack``, which records what is saved, and ``record``.
"""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import pytest

import autograd_core
from autograd_conformance.checks.scenario import compare
from autograd_conformance.scenarios.recording import Observation, Program, Recorder, observe

real_torch = pytest.importorskip("torch")

with warnings.catch_warnings():  # torch compiles some tangents, once, with warnings of itself
    warnings.simplefilter("ignore")
    importlib.import_module("torch._decomp.decompositions_for_jvp")

PROGRAMS = {
    "what a hook behind a node sees of gradients that nobody asked for": """
a = v * x
a.grad_fn.register_hook(lambda given, got: record("hook", given))
for wanted in ((v,), (x,), (v, x)):
    torch.autograd.grad(a.sum(), wanted, retain_graph=True)
torch.autograd.grad(a.sum(), v, create_graph=True)
""",
    "the distance of real from complex numbers, where a hook looks on": """
z = torch.tensor([0.5 + 0.25j, -1.25, 2.0], dtype=torch.complex128, requires_grad=True)
a = torch.dist(v, z)
a.grad_fn.register_hook(lambda given, got: None)
record("of complex numbers", torch.autograd.grad(a, z))
""",
    "the gradient of what has no derivative, which comes in parts": """
a = x // 2
record("captured", torch.autograd.grad((a * 3 + a.exp()).sum(), a))
b = v.exp().set_(v)
record("of what was set", torch.autograd.grad((b * 3 + b.exp()).sum(), b))
with record.raises("no derivative"):
    (a * 3 + a.exp() + x).sum().backward()
""",
    "the tangent of a product of complex numbers": """
with torch.autograd.forward_ad.dual_level():
    z = torch.autograd.forward_ad.make_dual(x * 1j, torch.ones_like(x) + 1j)
    for made in (z.prod(), z.prod(0), z.prod(-1, keepdim=True)):
        record("tangent", torch.autograd.forward_ad.unpack_dual(made).tangent)
""",
    "a negative base and a complex exponent": """
z = torch.tensor([1.5 + 0.5j, -2.0, 0.0], requires_grad=True)
a = x**z
record("gradients", torch.autograd.grad(a, (x, z), torch.ones_like(a), create_graph=True))
""",
    "a power of two of float32": """
w = x.detach().mT.contiguous().mT
a = torch.ldexp(v.float(), w)
b = torch.ldexp(v, w)
""",
    "scores of nothing that are integers": """
torch.nn.functional.cross_entropy(torch.zeros(1, 0, dtype=torch.int64), torch.zeros(1).long())
""",
    "probabilities of no class, smoothed": """
w = torch.zeros(0, 0)
a = torch.nn.functional.cross_entropy(w, torch.zeros(0).long(), label_smoothing=0.1)
""",
    "another shape under a transform": """
def f(t):
    made = t.mT.contiguous().mT.reshape(3, 2)[:, None].reshape(3, 1, 2)
    record("node", made.grad_fn.name())
    return made.sum()
torch.func.grad(f)(x)
with torch.autograd.graph.allow_mutation_on_saved_tensors():
    a = x.mT.contiguous().mT.reshape(2, 1, 3)
""",
    "the tangent of a product over all": """
with torch.autograd.forward_ad.dual_level():
    a = torch.autograd.forward_ad.make_dual(v, torch.ones_like(v)).prod()
    record("node", torch.autograd.forward_ad.unpack_dual(a).tangent.grad_fn.name())
""",
    "a reduction into nothing": """
x[:0].index_reduce(0, torch.tensor([0]), y[:1], "prod")
""",
    "a variance of a view that may not be used": """
w = torch.tensor([1.0, 2.0], requires_grad=True)
with torch.no_grad():
    view = w[0].mul_(2)
try:
    view.var()
except RuntimeError as error:
    record("refused", str(error))
del view
""",
    "a bias of another dtype": """
w = y[:, None, :2]
a = torch.nn.functional.conv_transpose1d(x[None], w, torch.ones(1, dtype=torch.float32))
b = torch.nn.functional.conv_transpose1d(x[None].float(), w.float(), torch.tensor([2]))
a.sum().backward()
""",
    "a complex bias": """
torch.nn.functional.conv_transpose1d(x[None], y[:, None, :2], torch.tensor([1j]))
""",
    "a power of two in rows": """
a = torch.ldexp(torch.tensor([True, False, True]), x.detach().mT.contiguous().mT)
b = torch.ldexp(x.mT.contiguous().mT, y)
""",
    "a node of real and complex operands that is called": """
record("gradients", *(x + torch.tensor(1j)).grad_fn(torch.ones(2, 3, dtype=torch.complex128))[:1])
""",
    "what a covariance divides by": """
with torch.autograd.graph.saved_tensors_hooks(pack, lambda packed: packed):
    a = torch.cov(x)
    b = torch.cov(x, correction=0)
""",
    "memory of out= that is resized": """
with torch.no_grad():
    a = torch.exp(x.mT.contiguous().mT, out=torch.zeros(6, dtype=torch.float64)[3:])
    b = torch.cumsum(x.mT, 0, out=torch.zeros(4, dtype=torch.float64)[2:])
record("offsets", (a.storage_offset(), b.storage_offset()))
""",
    "memory of out= that overlaps, before its dtype": """
torch.exp(x.detach(), out=torch.zeros(3, dtype=torch.bool).expand(2, 3))
""",
    "numbers drawn of rows that are not drawn from": """
record("refused", torch.multinomial(torch.tensor([[1.0, 2.0], [0.0, 0.0]]), 1))
""",
    "what is drawn after a refusal": """
try:
    torch.multinomial(torch.tensor([[1.0, 2.0], [0.0, 0.0]]), 1)
except RuntimeError:
    record("next", torch.rand(1))
""",
    "the pseudoinverse of what is not finite": """
torch.linalg.pinv(x.detach().log())
""",
    "the pseudoinverse of a Hermitian matrix that is not finite": """
torch.linalg.pinv((x @ x.mT).detach() * float("nan"), hermitian=True)
""",
    "the rank of what is not finite": "torch.linalg.matrix_rank(x.detach().log())",
    "the pseudoinverse of one of two that is not finite": """
torch.linalg.pinv(torch.stack([x.detach(), x.detach().log()]))
""",
    "a 0-d tensor and a product of other lengths": """
torch.addmv(x.sum(), x, x[:, 0])
""",
    "a product of a 0-d tensor": "torch.mv(x.sum(), v)",
    "a batch without dims": "torch.baddbmm(x, x.sum(), x[None])",
    "scores of integers": "torch.nn.functional.soft_margin_loss(x.long(), y)",
    "complex targets": "torch.nn.functional.soft_margin_loss(x, y * 1j)",
    "integers bounded by a fraction": "x.long().clamp_(min=0.5)",
    "bools bounded by an integer": "x.bool().clamp_(min=0)",
    "what the questions for numbers save": """
with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved):
    a = torch.isfinite(x)
    b = torch.isfinite(x * 1j)
    c = torch.isclose(x, y, equal_nan=True)
    record("all close", torch.allclose(x, y))
""",
    "the order in which a cosine saves": """
with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved):
    a = torch.nn.functional.cosine_similarity(x, y)
""",
    "eigenvalues of what is no number": """
a = torch.linalg.eigvalsh(x.sqrt() @ x.sqrt().mT)
b = torch.linalg.eigvalsh(x[:1, :1] / 0)
""",
    "complex weights": "a = torch.bincount(torch.tensor([0, 2, 2]), v * 1j)",
    "shapes before alpha": "torch.add(v.long(), v[1:].long(), alpha=-0.5)",
    "a copy onto its own lazy conjugate": """
a = torch.fft.ifft(x)
a.mT.copy_(a)
""",
    "a lazy conjugate added to itself": """
a = torch.fft.ifft(v)
b = a.index_add_(0, torch.tensor([0]), a[:1])
record("set to itself", a.is_set_to(a))
""",
    "gradients of what is no number": """
a = torch.logit(v.sqrt(), 1e-3)
a.sum().backward()
(b,) = torch.autograd.grad((x / 0).nan_to_num().sum(), x, create_graph=True)
""",
    "infinities in 16 bits": """
a = torch.tensor([1.0, float("inf")], dtype=torch.bfloat16).nan_to_num()
""",
    "tangents of what shares memory": """
e = v.expand(2, 3)
with record.raises("jvp"):
    torch.func.jvp(torch.exp, (e,), (torch.ones_like(e),))
with record.raises("linearize"):
    torch.func.linearize(torch.exp, e)
with record.raises("hessian"):
    torch.func.hessian(lambda t: (t**3).sum())(e)
record("laid out alike", torch.func.jvp(torch.exp, (e.detach(),), (e.detach(),)))
""",
    "zeta at infinity": """
a = torch.special.zeta(torch.tensor(2.0), torch.tensor([float('inf'), -float('inf')]))
""",
    "gradients of a tensor whose node was freed": """
a = v.exp()
a.sum().backward()
with record.raises("again"):
    torch.autograd.backward([v.sum(), a.sum()], inputs=[a])
""",
    "gradients of a tensor whose node saved what was written": """
a = v.exp()
a.addcmul_(a, a)
a.sum().backward(inputs=[a])
""",
    "a batch of gradients of an op without a rule": """
a = x.masked_scatter(x > 0, y)
b = torch.autograd.grad(a, y, torch.eye(6).reshape(6, 2, 3), is_grads_batched=True)[0].clone()
""",
    "transposed numbers of 16 bits by their root mean square": """
a = torch.nn.functional.rms_norm(x.bfloat16().mT, (2,))
""",
    "matrices of a product without dims": """
torch.nn.functional.bilinear(x.sum(), x.sum(), v)
""",
    "tangents while saved tensors may be written": """
with torch.autograd.graph.allow_mutation_on_saved_tensors():
    a = torch.func.vmap(lambda t: t.clone().mul_(2))(x)
""",
    "what put saves": """
with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved):
    a = v.put(torch.tensor([0]), torch.ones(1, dtype=v.dtype))
a.sum().backward()
""",
    "gradients of a transposed prelu": """
t = x.detach().mT.contiguous().mT.requires_grad_()
a = torch.nn.functional.prelu(t, v)
a.sum().backward()
""",
    "a hook of a root": """
a = v.exp()
a.register_hook(lambda grad: record("hook", (grad is v, grad.requires_grad)))
a.grad_fn.register_prehook(lambda grads: record("prehook", grads[0] is v))
a.backward(v)
""",
    "more counts than there is memory": "torch.bincount(torch.tensor([2**62]))",
    "nothing to be searched for": """
a = torch.bucketize(torch.zeros(0, dtype=torch.complex64), torch.tensor([-1.0, 0.0]))
""",
    "whether a complex number is zero": "a = torch.tensor([1j]).norm(0)",
    "a copy of what shares memory onto itself": """
a = v.detach()[:1].expand(3)
a.copy_(a)
""",
    "a sine near its zero in 16 bits": "a = torch.tensor([1.0, 2.0], dtype=torch.bfloat16).sinc()",
    "shapes before a mean of integers": "torch.nn.functional.hinge_embedding_loss(x.long(), x.mT)",
    "an empty kernel over nothing": """
e = torch.ones(1, 1, 0, 2)
with record.raises("empty"):
    torch.nn.functional.conv2d(e, e)
with record.raises("no members"):
    torch.nn.functional.conv2d(e.mT[:0], e)
with record.raises("three lengths"):
    torch.nn.functional.conv3d(torch.ones(1, 1, 2, 2, 2), e[..., None])
a = torch.nn.functional.conv2d(torch.ones(1, 0, 2, 2), torch.ones(1, 0, 0, 2))
""",
    "both extremes along the dim of a number": """
a, b = v[0].aminmax(dim=-1)
(a * b).backward()
""",
    "a part of bools written while tangents are followed": """
e = torch.isclose(v, v)
with torch.autograd.forward_ad.dual_level():
    e[1:] = v[0]
""",
    "weights that lose parts and do not fit": """
torch.bincount(torch.tensor([0, 2, 2]), x.flatten() * 1j)
""",
    "the real part of a gradient": """
v.register_hook(lambda grad: record("hook", grad))
a = v * torch.tensor([[1j], [2.0]], dtype=torch.complex128)
b = v - torch.tensor([1j, 2, 3], dtype=torch.complex128)
a.abs().sum().backward()
b.abs().sum().backward()
""",
    "shapes before a dtype without a kernel": "torch.ldexp(v[:0], v > 0)",
    "random numbers for what shares memory": """
e = torch.zeros(1).expand(2)
with record.raises("integers"):
    e.long().expand(2, 2).cauchy_()
with record.raises("deviation"):
    e.normal_(0, -1)
with record.raises("memory"):
    e.exponential_()
""",
    "few members of another dtype": """
e = v.detach().float().expand(2, 3)
a = torch.isin(v, e)
with record.raises("of the same"):
    torch.isin(v.float(), e)
""",
    "a gradient for a root whose data was replaced": """
e = v.sum()
e.data = v.detach()
(a,) = torch.autograd.grad(e, v, torch.ones_like(e))
e = v.exp()
e.data = v.detach()[:2]
torch.autograd.grad(e, v, torch.ones_like(e))
""",
    "the primal of bools that require a gradient": """
e = v > 0
e[:1] = v.sum()
with torch.autograd.forward_ad.dual_level():
    torch.autograd.forward_ad.unpack_dual(e)
""",
    "a power of a complex number that is none": """
a = torch.tensor([complex("nan"), complex("inf+1j"), complex("1+infj")]).exp2()
""",
    "how derivatives of transforms lie": """
t = x.detach().mT.contiguous().mT
record("forward", torch.func.jvp(lambda t: t.mT * 2, (t,), (torch.ones(2, 3, dtype=t.dtype),)))
record("columns", torch.func.jacfwd(torch.exp)(t))
record("second", torch.func.hessian(lambda t: t @ t.mT)(x.detach()[:, ::2]))
""",
    "a member of a batch with strides": """
def strided(member):
    made = member.new_empty_strided((2, 2), (3, 1)).zero_()
    record("strides", made.stride())
    return made
a = torch.func.vmap(strided)(v.detach())
""",
    "bits of dual numbers": """
with torch.autograd.forward_ad.dual_level():
    d = torch.autograd.forward_ad.make_dual(v, torch.ones_like(v))
    with record.raises("and"):
        d & True
    with record.raises("not"):
        ~d
    with record.raises("counts"):
        torch.bincount(d)
    record("gcd", torch.gcd(v.long(), v.long()))
""",
    "numbers of 16 bits beside others": """
for dtype in (torch.bfloat16, torch.float16):
    a = torch.tensor([1.28125, -0.0927734375, 3.703125, 2.578125], dtype=dtype, requires_grad=True)
    record("times", a * 2.7)
    record("share", a / torch.tensor(0.3, dtype=torch.float64))
    record("whole", a // 0.1)
    record("in place", a.detach().clone().mul_(2.7))
    record("power", torch.ldexp(a, torch.tensor(0.1)))
    record("entropy", torch.xlogy(a, 2.7))
    record("sum", torch.add(a, a, alpha=2.7))
    record("gradient", torch.autograd.grad(a * 2.7, a, a.detach()))
""",
    "scores of 16 bits and targets of another dtype": """
a = v.detach().bfloat16()
b = torch.nn.functional.binary_cross_entropy_with_logits(a, v, pos_weight=v[1], reduction="none")
c = torch.nn.functional.binary_cross_entropy_with_logits(a, v * 1j)
""",
    "recorded gradients on the way to one input": """
c = v * x
with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved):
    torch.autograd.grad((x * c).sum(), [c, v], create_graph=True)
""",
    "how what is resized to hold a result lies": """
t = x.detach().mT.contiguous().mT
a = torch.zeros(6, dtype=x.dtype)[3:]
b = a[1:]
torch.add(t, t, out=a)
torch.exp(t[:0], out=b)
record("starts", (a.storage_offset(), b.storage_offset()))
""",
    "a batch that bools do not broadcast to": """
torch.baddbmm(x.isnan()[None, None], x[None], x.mT[None])
""",
    "a factor of what is no number": "torch.linalg.cholesky(x @ x.mT * float('nan'))",
    "views of a gradient that requires one": """
a = v.exp()
a.register_hook(lambda grad: record("hook", (grad.requires_grad, grad._base is not None)))
a.sum().backward(v.sum())
""",
    "sums of negative zeros": "a = 1 / torch.full((3, 2), -0.0).sum(0)",
    "classes of weight zero, and one to ignore": """
a = (x / 0).detach().requires_grad_()
target, weight = torch.tensor([0, 1]), torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64)
b = torch.nn.functional.nll_loss(a, target, weight)
c = torch.nn.functional.nll_loss(a, target, weight, reduction="none", ignore_index=1)
c.backward(c)
""",
    "gradients of what as_strided reads, recorded": """
a = v.sin()
(b,) = torch.autograd.grad(a.as_strided((2,), (1,), 1), a, v[:2] * 1, create_graph=True)
(c,) = torch.autograd.grad(a.as_strided((2, 2), (1, 1), 0), a, x[:, :2], create_graph=True)
(d,) = torch.autograd.grad(a.as_strided((2, 3), (0, 1), 0), a, x, create_graph=True)
(e,) = torch.autograd.grad(a.as_strided((0,), (1,), 0), a, create_graph=True, grad_outputs=v[:0])
""",
    "an op without a derivative that writes a view": """
a = torch.ones(3, 2, dtype=v.dtype)[:, 0]
a.floor_divide_(v)
v.register_hook(lambda grad: None)
a.sum().backward()
""",
    "gradients to retain of views made without recording": """
with torch.no_grad():
    a = v[0].mul_(2)
    a.retain_grad()
b = torch.ones(3, dtype=v.dtype)
c = b[0]
b.mul_(v)
c.retain_grad()
record("retained", (a.retains_grad, c.retains_grad))
a.requires_grad_(False)
record("requires", a.requires_grad)
del a
""",
    "the mode of what is no number": """
a, b = torch.tensor([0.0, float("nan"), 0.0]).mode(0)
c, d = torch.tensor([1.0, float("nan"), 0.0, 2.0, float("nan")] * 5).mode(0)
""",
    "the real part of a gradient as hooks see it": """
v.register_hook(lambda grad: record("hook", (grad._base is not None, grad.stride())))
torch.autograd.backward([x[0].detach().requires_grad_(), v * 1j], [v.detach(), v.detach() * 1j])
""",
    "the median of nothing": """
a = v[:0].bool().median()
b = v[:0].to(torch.int8).nanmedian()
""",
    "what subscripts save": """
record("index", x[-1].grad_fn._saved_index)
for range in (v[1:], v[-2:], v[:-1], v[5:7], v[2:1]):
    record("range", (range.grad_fn._saved_start, range.grad_fn._saved_end))
""",
    "a batch of none that was expanded": """
a = torch.func.vmap(lambda t: t.mul_(2))(v.detach()[:0, None].expand(0, 3))
""",
    "signs of zeros in second derivatives": """
a = 1 / torch.func.hessian(lambda t: (t**3).sum())(v.detach() - 1)
""",
    "the mean of complex numbers beside their deviation": """
a, b = torch.std_mean(torch.tensor([complex(float("nan"), 1), 1j]), dim=0)
""",
    "gradients of a pseudo-inverse, recorded": """
(a,) = torch.autograd.grad(torch.linalg.pinv(x).sum(), x, create_graph=True)
(b,) = torch.autograd.grad(torch.linalg.pinv(x.mT).sum(), x, create_graph=True)
""",
    "bools that require a gradient and are turned in place": """
a = v.bool()
a.fill_(v.sum())
with record.raises("turned"):
    a.unsqueeze_(0)
""",
    "a random number after a probability of nothing": """
torch.manual_seed(0)
with record.raises("wide"):
    torch.bernoulli(torch.tensor([0.5, float("nan"), 0.5], dtype=torch.float64))
with record.raises("narrow"):
    torch.bernoulli(torch.tensor([0.5, 0.5, 2.0]))
a = torch.rand(())
""",
    "inverses and determinants in 16 bits": """
a = torch.eye(2, dtype=torch.bfloat16)
for run in (a.inverse, a.slogdet, a.logdet, a.det, lambda: a.matrix_power(-1)):
    with record.raises("16 bits"):
        run()
""",
    "what is filled within an op, while a mode sees each op": """
with torch.autograd.graph.allow_mutation_on_saved_tensors():
    a = torch.trapezoid(v[:0])
    b = torch.linalg.matrix_rank(x)
    record("pooled", torch.nn.functional.max_pool1d(x.detach(), 2)._version)
d = torch.trapezoid(v[:0])
e = torch.linalg.matrix_rank(x)
""",
    "the gradient of rows that were repeated, as hooks see it": """
a = x[:1].detach().requires_grad_()
a.register_hook(lambda grad: record("hook", (grad._base is not None, grad.stride())))
a.repeat(2, 1).sum().backward()
""",
    "a write of what got another storage beside its old view": """
a = v.exp()
b = a[0].mul_(2)
a.set_(v)
a.add_(b)
with record.raises("overlap"):
    x.detach()[0, 1:].add_(x.detach()[0, :2])
""",
    "a deviation without degrees of freedom": """
z = torch.tensor(0.5 + 0.25j, requires_grad=True)
a, b = torch.std_mean(z, dim=0)
a.sum().backward()
(c,) = torch.autograd.grad(v.var(correction=4), v, torch.ones_like(v[0]), create_graph=True)
""",
    "a variance of complex numbers without degrees of freedom": """
z = torch.tensor([0.5 + 0.25j, 1.0], requires_grad=True)
a = z.var(0, correction=2)
a.backward()
""",
    "what the gradient of a sum without NaN saves": """
with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved):
    (a,) = torch.autograd.grad(v.nansum(), v, v.sum(), create_graph=True)
(b,) = torch.autograd.grad(v.nansum(dtype=torch.float32), v, v.sum().float(), create_graph=True)
""",
    "writes within functions in inference mode, while saved tensors may be written": """
with torch.autograd.graph.allow_mutation_on_saved_tensors(), torch.inference_mode():
    a = torch.isclose(x, x)
    b = torch.matmul(v, y.mT)
    c = torch.nn.functional.cosine_similarity(x, y)
    with record.raises("a write"):
        x.exp().mul_(2)
""",
    "digamma beside its poles": """
a = torch.polygamma(0, torch.tensor([-0.9999800005999799, -0.0, -3.75], dtype=torch.float64))
""",
    "a dual number for out= that requires a gradient": """
with torch.autograd.forward_ad.dual_level():
    e = torch.autograd.forward_ad.make_dual(v, torch.ones_like(v))
    with record.raises("recorded"):
        torch.exp(v, out=e)
""",
    "what a hook sees of numbers that a mask selected": """
v.register_hook(lambda grad: record("hook", (grad._is_view(), grad._version, grad.stride())))
v.masked_select(v > 0).sum().backward()
""",
    "the distance of real from complex numbers": """
z = torch.tensor([0.5 + 0.25j, -1.25, 2.0], dtype=torch.complex128, requires_grad=True)
a = torch.dist(v, z)
record("of complex numbers", torch.autograd.grad(a, z, retain_graph=True))
record("called", a.grad_fn(torch.ones_like(a)))
with record.raises("recorded"):
    torch.autograd.grad(a, v, create_graph=True)
a.backward()
""",
    "a batch that is no row": """
a = torch.nn.functional.batch_norm(x[:1].exp().swapaxes_(0, 1), None, None, training=True)
b = torch.nn.functional.batch_norm(x.detach().as_strided((3, 1, 1), (1, 3, 1)), None, None, v[:1])
""",
    "gradients of a row that is cut out of columns": """
t = x.detach().mT.contiguous().mT[:1]
u = t.clone().requires_grad_()
record("gradient", torch.func.grad(lambda t: (t**3).sum())(t))
record("tangent", torch.func.jvp(torch.func.grad(lambda t: (t**3).sum()), (t,), (u.detach(),)))
s = t.detach().requires_grad_()
(a,) = torch.autograd.grad((s**3 / 2 + (s + 1) / 3).sum(), s, create_graph=True)
""",
    "numbers beside a lazy conjugate whose dims of size 1 lie anywhere": """
t = (x.detach() + 0j).as_strided((1, 1, 2), (1, 2, 1)).conj()
a = t + 2
b = t.clone()
c = t.resolve_conj()
d = t.exp()
e = x.detach().as_strided((1, 1, 2), (7, 2, 1)).mul(1j).imag.clone()
""",
    "the gradient of a trace": """
a = x.trace()
(b,) = torch.autograd.grad(a**2, x, create_graph=True)
(c,) = torch.autograd.grad(a, x, retain_graph=True)
d = a.grad_fn(torch.ones_like(a))
record("views", [t._base is not None for t in (b, c, d)])
with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved):
    torch.autograd.grad(a, x, x.sum(), create_graph=True)
""",
    "the gradient of what a mask selects, as hooks see it": """
v.register_hook(lambda grad: record("hook", (grad._base is not None, grad._version)))
x.register_hook(lambda grad: record("hook", (grad._base is not None, grad._version)))
(v.masked_select(v > 0).sum() + x.masked_select(x > 0).sum()).backward()
record("scattered", x.detach().masked_scatter(x > 0, y)._base is None)
""",
    "windows that are all of what they are cut out of": """
a = torch.nn.functional.unfold(x.detach()[None, None], (2, 3))
b = torch.nn.functional.unfold(x.detach()[None], (2, 3))
record("shared", (a.data_ptr() == x.data_ptr(), b.data_ptr() == x.data_ptr()))
a.mul_(2)
""",
    "the order in which what has no derivative is refused": """
a = v.exp().set_(v)
for tensors in ([a, x[0]], [x[0], a], [a, x[0].detach().requires_grad_()]):
    with record.raises("set"):
        torch.autograd.backward(tensors, [torch.ones_like(t) for t in tensors])
with record.raises("leaf after"):
    torch.autograd.backward([a, y], [torch.ones_like(a), torch.ones_like(y)])
with record.raises("leaf before"):
    torch.autograd.backward([x, a], [torch.ones_like(x), torch.ones_like(a)])
""",
    "how the elements of a lazy conjugate lie": """
a = torch.fft.ifft(torch.nn.functional.conv1d(x[None], x[None][..., :2]), dim=0)
b = a + 2
c = torch.fft.fft(v[None, None], dim=0).conj() * 2
""",
    "a row cut from columns, times a number in a formula": """
a = x.detach().mT.contiguous().mT[:1].requires_grad_()
(b,) = torch.autograd.grad((a**3).sum(), a)
(c,) = torch.autograd.grad(a.sqrt().sum(), a, create_graph=True)
(d,) = torch.autograd.grad((a / 3).sum(), a, create_graph=True)
tangents = torch.func.jvp(torch.func.grad(lambda t: (t**3).sum()), (a,), (torch.ones_like(a),))
record("tangents", tangents)
""",
    "tangents of what has none, which comes before what else is wrong": """
with torch.autograd.forward_ad.dual_level():
    d = torch.autograd.forward_ad.make_dual(x.detach() * 1j, torch.ones_like(x) * 1j)
    r = torch.autograd.forward_ad.make_dual(x.detach(), torch.ones_like(x))
    with record.raises("complex"):
        torch.heaviside(x * 1j, d)
    with record.raises("two dtypes"):
        r.heaviside_(torch.tensor(1))
with record.raises("no tangent"):
    torch.heaviside(x * 1j, x)
""",
    "weights whose imaginary parts nothing loses": """
indices = torch.tensor([0, 2, 2])
with record.raises("no weights"):
    torch.bincount(indices, torch.zeros(0, dtype=torch.complex128))
record("counted", torch.bincount(indices, v.detach() * 1j))
""",
    "complaints of what writes numbers without a gradient": """
for dtype in (torch.bool, torch.int64):
    a = torch.zeros(3, dtype=dtype)
    a.fill_(v.sum())
    with record.raises("renorm"):
        a.renorm_(2, 0, 1.0)
    with record.raises("product"):
        a.cumprod_(0)
    with record.raises("bounds"):
        a.clamp_(0)
    with record.raises("no dim"):
        a.renorm(2, 0, 1.0)
""",
    "how many elements are the extreme one": """
with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved):
    for made in (x.nanmedian(), x.max(), x.amax(1)):
        torch.autograd.grad(made, x, made, create_graph=True)
""",
    "the second order of group_norm, and the norms of nothing": """
with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved):
    for wanted in ((0,), (0, 1, 2)):
        made = [torch.native_group_norm(x, v, v, 2, 3, 1, 1, 1e-5)[k] for k in wanted]
        for found in torch.autograd.grad(made, (x, v), made, create_graph=True):
            record.graph("graph", found)
    torch.native_layer_norm(x[:, :0], (0,), None, None, 1e-5)
    record("plain", torch.autograd.grad(torch.group_norm(x[:, :0], 1), x, x[:, :0]))
with record.raises("no statistics"):
    torch.native_batch_norm(x[:0], v, v, None, None, True, 0.1, 1e-5)
with record.raises("no weight"):
    torch.batch_norm(x[:0], v[:0], v, None, None, True, 0.1, 1e-5, False)
with torch.autograd.forward_ad.dual_level():
    z = torch.autograd.forward_ad.make_dual(x, y * y)
    for made in torch.native_group_norm(z, None, None, 2, 3, 1, 1, 1e-5):
        record("view", torch.autograd.forward_ad.unpack_dual(made).tangent._is_view())
x.register_hook(lambda grad: record("hook", grad))
(torch.group_norm(x, 3, v) + x.masked_scatter(y > 0, x)).sum().backward()
""",
    "gradients of deviations without a degree of freedom": """
for dtype in (torch.float16, torch.float64, torch.complex128):
    for shape in ((), (1,), (2, 1)):
        e = torch.full(shape, 0.5, dtype=dtype, requires_grad=True)
        for made in (torch.std(e, correction=3), torch.var(e, 0), sum(torch.std_mean(e, dim=0))):
            g = torch.ones_like(made)
            (a,) = torch.autograd.grad(made, e, g, create_graph=True)
            record("gradient", a)
            record.graph("graph", a if a.grad_fn else made)
            record("not recorded", torch.autograd.grad(made, e, g))
""",
    "the gradient of a write through a view, recorded": """
a = v.sin()
(b,) = torch.autograd.grad(a[0].mul_(v[1]).exp(), v, create_graph=True)
c = torch.complex(v, v)
torch.view_as_real(c)[1].mul_(x[0, :2])
(d,) = torch.autograd.grad(c.abs().sum(), v, create_graph=True)
w = v.detach()[1:].detach()
w[1:].mul_(v[1:2])
(e,) = torch.autograd.grad(w.exp().sum(), v, create_graph=True)
""",
    "second graphs of writes through views": """
a = x.exp()
a[1:].mT[:, 0].mul_(2)
(b,) = torch.autograd.grad(a.exp().sum(), x, create_graph=True)
c = (x[1:] * 1j).clone()
torch.view_as_real(c)[..., 1].mul_(2)
(d,) = torch.autograd.grad(c.abs().sum(), x, create_graph=True)
e = x.exp()
e.unbind(1)[2:][0].unsqueeze(0).expand(1, 2).mul(2)
e[None].diagonal(0, 1, 2).mul_(3)
(f,) = torch.autograd.grad(e.exp().sum(), x, create_graph=True)
record("again", torch.autograd.grad(f.sum() + b.sum(), x))
""",
    "running sums along a dim of one element, which hand on their gradient": """
z = x.detach()[:1].requires_grad_()
for made in (z.cumsum(0), z.cumprod(0), z.mT.cumsum(1), z.cumsum(0, dtype=torch.float32)):
    record("handed on", torch.autograd.grad(made.sum(), z))
""",
    "the gradient of a sum of nothing": """
z = torch.zeros(0, dtype=torch.float64, requires_grad=True)
record("of a sum", torch.autograd.grad(z.sum(), z))
record("copied", torch.autograd.grad(z.sum(), z)[0].clone())
record("turned over", torch.autograd.grad(z.flip(0).sum(), z))
""",
    "a gradient that is not laid out as its leaf": """
z = torch.zeros(0, 2, dtype=torch.float64)[:, 0].requires_grad_()
(z * z).sum().backward()
record("taken over", z.grad)
for create_graph in (True, False):
    z.sum().backward(create_graph=create_graph)
x.grad = x.detach().mT.clone(memory_format=torch.contiguous_format).mT
with torch.autograd.grad_mode.enforce_grad_layout_policy(False):
    x.sum().backward(create_graph=True)
    v.backward(v.detach().new_ones(3, 2)[:, 0])
x.sum().backward()
v.sum().backward()
x.grad = None
x.sum().backward()
x.sum().backward()
""",
    "custom functions where grad mode is on in inference mode": """
class Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, one, other):
        ctx.save_for_backward(one)
        record("asked", (torch.is_grad_enabled(), ctx.needs_input_grad))
        return one * other

    @staticmethod
    def backward(ctx, grad):
        return None, grad * ctx.saved_tensors[0]

seen = []
identity = torch.nn.Identity()
identity.register_full_backward_hook(lambda module, given, got: seen.append((given, got)))
with torch.inference_mode(), torch.enable_grad():
    w = v.detach() * 2
    a = Product.apply(y, x)
    b = identity(x)
    with record.raises("of an inference tensor"):
        Product.apply(w, v)
    with torch.no_grad():
        c = Product.apply(y, x)
with record.raises("an inference tensor that is saved"):
    a * x
(a * 2 + b).backward(torch.ones_like(x))
record("seen", seen)
""",
    "gradients that lie as what was read": """
z = x.detach().mT.contiguous().mT.requires_grad_()
one = z.detach()[:1, :1].requires_grad_()
g = z.detach().mT.contiguous().mT * 3
for made in (z.take(torch.tensor([0, 4])), z.masked_select(z > 0), one.take(torch.tensor(0))):
    record("as read", torch.autograd.grad(made.sum(), (z, one), allow_unused=True))
for create_graph in (False, True):
    cut = torch.nn.functional.pad(x, (0, 0))
    record("cut", torch.autograd.grad(cut, x, g, create_graph=create_graph))
    record("inverse", torch.autograd.grad(torch.linalg.pinv(x).sum(), x, create_graph=create_graph))
    turned = torch.complex(x, y).detach().requires_grad_()
    signs = (turned * 2).sgn()
    record("signs", torch.autograd.grad(signs, turned, g + 0j, create_graph=create_graph))
""",
    "a gradient that is conjugated last": """
z = torch.complex(x, y).detach().mT.contiguous().mT.requires_grad_()
g = torch.ones_like(z) + 1j
with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved):
    a = z.logcumsumexp(0)
record("unpacked", torch.autograd.grad(a, z, g, retain_graph=True)[0].resolve_conj().tolist())
a.backward(g.conj())
record("turned", torch.autograd.grad(z.logcumsumexp(1), z, g.conj())[0].resolve_conj().tolist())
""",
    "a backward of group norm from a number": """
(torch.nn.functional.group_norm(x[None], 1) * y.detach().exp()).sum().backward()
""",
    "the tangents and second graphs of norms": """
z = torch.complex(x, y).detach().requires_grad_()
for p in (2, 1, 3, 0.5, 1.5):
    for w in (v, z):
        for n in (torch.linalg.vector_norm(w, p), torch.linalg.vector_norm(w, p, -1)):
            (g,) = torch.autograd.grad(n, w, torch.ones_like(n), create_graph=True)
            record.graph(f"the second graph of {p}", g)
    with torch.autograd.forward_ad.dual_level():
        d = torch.autograd.forward_ad.make_dual(v, torch.ones_like(v))
        made = torch.linalg.vector_norm(d, p)
        record(f"the tangent of {p}", torch.autograd.forward_ad.unpack_dual(made).tangent)
""",
    "the product of the elements of a row that is a turned column": """
z = x.detach()[:, :1].contiguous().mT.requires_grad_()
record("gradient", torch.autograd.grad(z.prod(), z))
""",
    "losses of 16-bit scores in chunks": """
for dtype in (torch.bfloat16, torch.float16):
    for policy in ("auto", "accurate", "balanced", "compact"):
        options = torch.nn.LinearCrossEntropyOptions(
            allow_retain_graph=True, batch_chunk_size=2, acc_policy=policy, acc_dtype=torch.float32
        )
        a = (x.detach().repeat(3, 1) * 3).to(dtype).requires_grad_()
        b = (y.detach().repeat(2, 1) + 0.3).to(dtype).requires_grad_()
        c = (x.detach()[0, [0, 1, 2, 0]] * 5).to(dtype).requires_grad_()
        target = torch.tensor([0, 3, 1, 1, 2, 0])
        for reduction in ("mean", "sum", "none"):
            loss = torch.nn.functional.linear_cross_entropy(
                a, b, target, linear_bias=c, reduction=reduction, options=options
            )
            record(f"{dtype} {policy} {reduction}", loss)
            record("gradients", torch.autograd.grad(loss, (a, b, c), loss.detach()))
""",
    "attention of 16-bit numbers": """
for dtype in (torch.bfloat16, torch.float16):
    q, k, w = (x.detach().repeat(1, 1, n, 1).to(dtype).requires_grad_() for n in (1, 2, 2))
    a = torch.nn.functional.scaled_dot_product_attention(q * 9, k / 3, w.flip(2).contiguous())
    record(f"{dtype}", a)
    record("logarithms", a.grad_fn._saved_logsumexp)
    record("gradients", torch.autograd.grad(a, (q, k, w), torch.ones_like(a) + q.detach() / 4))
""",
    "products of vectors added to a matrix, in vmap": """
left, right, both = torch.tensor([1, 0]), torch.tensor([3, 1, 0]), torch.tensor([[5, 0, 4]] * 2)
kinds = (torch.bool, torch.uint8, torch.int64, torch.float32)
for one, other, last in ((0, 0, 0), (0, 2, 0), (2, 0, 0), (2, 1, 1), (3, 2, 2), (2, 3, 1)):
    parts = [n.to(kinds[i])[None] for n, i in ((both, one), (left, other), (right, last))]
    for beta, alpha in ((1, 1), (0, 1), (1, 0), (2, 300), (True, True)):
        with record.raises(f"{one} {other} {last} {beta} {alpha}"):
            call = lambda *z: torch.addr(*z, beta=beta, alpha=alpha)
            record("plain", call(*(part[0] for part in parts)))
            record("in vmap", torch.func.vmap(call)(*parts))
""",
}


def observations(torch: Any, program: str) -> list[Observation]:
    """What the program records, and every tensor that it leaves."""

    def scenario(torch: Any, record: Recorder) -> None:
        x = torch.tensor([[0.5, -1.25, 2.0], [-0.75, 1.5, 0.3125]], dtype=torch.float64)
        names = {
            "torch": torch,
            "record": record,
            "pack": lambda saved: (record("pack", saved), saved)[1],
            "x": x.requires_grad_(),
            "y": (x.detach() * 2 - 1).requires_grad_(),
            "v": x.detach()[1].clone().requires_grad_(),
        }
        with record.raises("the program"):
            exec(program, names)
        for name, value in names.items():
            if isinstance(value, torch.Tensor):
                record(name, value)
                if value.is_leaf:
                    record(f"{name}.grad", value.grad)
                elif value.requires_grad:
                    record.graph(f"graph of {name}", value)

    return observe(Program("found", "found", scenario), torch)


@pytest.mark.parametrize("backend", ["numpy", "python"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_found_program_does_as_torch(name: str, backend: str) -> None:
    expected = observations(real_torch, PROGRAMS[name])
    with autograd_core.use_backend(backend):
        compare(expected, observations(autograd_core, PROGRAMS[name]))
