"""Views, writes through them, copies, casts and joins held against torch: facts and graphs.

A row is a script, run with torch and with each backend. ``out`` records what a tensor says about
itself and the graph that made it, ``values`` its elements; the error that ends a script counts.
"""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from autograd_core.backend_registry import current_backend

real_torch = pytest.importorskip("torch")

SCRIPTS = """
x=torch.arange(6.,requires_grad=True); y=x.clone().view(2,3); b=y._base; y.t_(); out(y)
b.mul_(2); out(y); g=torch.autograd.grad((y*torch.arange(6.).view(3,2)).sum(),x)[0]; out(g)

x=torch.arange(6.,requires_grad=True); z=x.clone(); z.unsqueeze_(0); out(z); v=z.view(3,2)
out(v); z.squeeze_(); out(z); out(v); z.mul_(3.); out(v)
values(torch.autograd.grad((v*v).sum(),x)[0])

x=torch.arange(6.,requires_grad=True); z=x.clone(); z.as_strided_((2,2),(1,1)); out(z)
values(torch.autograd.grad((z*z).sum(),x)[0])

x=torch.arange(6.,requires_grad=True); z=x.clone().view(2,3); z.transpose_(0,1); out(z)
z.squeeze_(0); out(z); z.swapaxes_(0,1); out(z); z.unsqueeze_(-1); out(z)
values(torch.autograd.grad((z*z).sum(),x)[0])

x=torch.arange(6.,requires_grad=True); z=x.clone(); z[1:3].mul_(2); out(z); z[::2].zero_()
out(z); z[3:].fill_(7.); out(z); values(torch.autograd.grad((z*z).sum(),x)[0])

x=torch.arange(6.,requires_grad=True); s=torch.tensor(2.,requires_grad=True); z=x.clone()
z[1:3].fill_(s); out(z); z[4:].copy_(x[:2]); out(z)
values(*torch.autograd.grad((z*z).sum(),(x,s)))

x=torch.arange(6.,requires_grad=True); z=x.clone().view(2,3); v=z.diagonal(); v.mul_(v)
out(z); out(v); values(torch.autograd.grad((z*z).sum(),x)[0])

x=torch.arange(6.,requires_grad=True); z=x.clone(); v=z.unfold(0,2,2); v.mul_(3); out(z)
out(v); values(torch.autograd.grad((z*z).sum(),x)[0])

x=torch.arange(6.,requires_grad=True); z=x.clone(); a,b=z.split(3); out(a); out(b)
a.mul_(2)

x=torch.arange(6.,requires_grad=True); z=x.clone(); a,b=z.chunk(2); z.mul_(2); out(a)

x=torch.arange(6.,requires_grad=True); z=x.clone().view(2,3); a,b=z.unbind(); b.add_(1)

x=torch.arange(6.,requires_grad=True); z=x.clone(); a,b=torch.unsafe_split(z,3); a.mul_(2)
out(a); out(z); values(torch.autograd.grad((a*a).sum(),x)[0])

x=torch.arange(6.,requires_grad=True); z=x.clone(); a=z.expand(2,6); a.mul_(2)

x=torch.zeros(3); y=x.expand(2,3); y.fill_(1); out(x)

x=torch.zeros(3,requires_grad=True); x.fill_(1)

x=torch.zeros(3,requires_grad=True); x.view(3).fill_(1)

x=torch.zeros(3,requires_grad=True); x[0]=1.

x=torch.zeros(3); w2=torch.ones(3,requires_grad=True); x[0:2].copy_(w2[0:2]); out(x)
values(torch.autograd.grad((x*x).sum(),w2)[0])

x=torch.zeros(2,3); w2=torch.ones(3,requires_grad=True,dtype=torch.float64); x.copy_(w2)
out(x); values(torch.autograd.grad((x*x).sum(),w2)[0])

x=torch.zeros(3,dtype=torch.int64); x.copy_(torch.tensor([1.5,2.5,-1.5])); out(x)

x=torch.zeros(3); x.copy_(torch.tensor([1+2j,2,3])); out(x)

x=torch.arange(6.,requires_grad=True); y=x.detach(); y.requires_grad_(False); v=y.view(2,3)
v.t_(); out(y); out(v)

x=torch.arange(6.); y=x.view(2,3); z=y.t(); z.mul_(2); out(x); out(y); out(z)
z.resize_(2,2); out(z); out(x)

x=torch.arange(6.,requires_grad=True); y=x.to(torch.float64); out(y)
values(torch.autograd.grad(y.sum(),x)[0])

x=torch.arange(6.,requires_grad=True); y=x.to(torch.complex64); out(y)
values(torch.autograd.grad(y.real.sum(),x)[0])

x=torch.arange(6.,requires_grad=True); y=x.to(torch.int64); out(y)

x=torch.arange(6.,requires_grad=True); out(x.to(torch.float32,copy=True))
out(x.to('cpu',torch.float64)); out(x.to(torch.ones(1,dtype=torch.float16)))
out(x.type_as(torch.ones(1,dtype=torch.bfloat16)))

x=torch.arange(24.,requires_grad=True).view(1,2,3,4)
out(x.contiguous(memory_format=torch.channels_last))
out(x.clone(memory_format=torch.channels_last))
out(x.to(torch.float64,memory_format=torch.channels_last))
out(x.double(memory_format=torch.channels_last))

x=torch.arange(6.,requires_grad=True); y=x.view(2,3)[:, :2]; out(y.reshape(2,2,1))
out(y.reshape(4)); out(y.flatten()); out(y.ravel()); out(y.contiguous()); out(y.T)
out(y.mT); out(y.mH); out(y.H); out(y.adjoint())

q=torch.tensor(1.,requires_grad=True); out(q.T); out(q.t()); out(q.H); out(q.squeeze())
out(q.squeeze(0)); out(q.unsqueeze(0)); out(q.flatten()); out(q.ravel()); out(q.view(1))
out(q.expand(2)); out(q.reshape(1,1)); out(q.transpose(0,-1)); out(q.movedim(0,0))
out(q.permute()); out(q.mH)

q=torch.tensor(1.,requires_grad=True); out(torch.atleast_1d(q)); out(torch.atleast_2d(q))
out(torch.atleast_3d(q)); out(*torch.broadcast_tensors(q,torch.ones(2)))
out(torch.stack([q,q])); out(torch.hstack([q,q])); out(torch.vstack([q,q]))
out(torch.dstack([q,q])); out(torch.column_stack([q,q])); out(torch.block_diag(q,q))

x=torch.arange(3.,requires_grad=True); out(x.movedim(0,0)); out(x.swapaxes(0,0)); out(x.T)
out(torch.movedim(x.view(1,3),0,1))

x=torch.arange(6.,requires_grad=True).view(2,3); out(x.repeat_interleave(2))
out(x.repeat_interleave(2,1)); out(x.repeat_interleave(torch.tensor([1,2]),0))
out(x.repeat_interleave(torch.tensor(2),0)); out(x.tile(2)); out(x.tile(2,2,1))
out(x.repeat(2,1)); out(x.rot90()); out(x.rot90(2)); out(x.roll(1))
out(x.roll((1,1),(0,1))); out(x.t().flip(0)); out(x.fliplr()); out(x.flipud())

x=torch.arange(6.,requires_grad=True).view(2,3); out(x.tril()); out(x.triu(1))
out(x.diag()); out(x[0].diag()); out(x.diagflat()); out(x.trace()); out(x[0].diag_embed())
out(torch.diagonal_copy(x)); y=x.clone(); y.tril_(); out(y)

x=torch.arange(4); out(x.view(2,2).tril()); out(x.view(2,2).trace()); out(x.repeat(2))
out(torch.cat([x,x.float()])); out(torch.stack([x,x]))
out(torch.cat([torch.ones(2,dtype=torch.bool),x])); out(x.flip(0)); out(x.double())
out(x.bool()); out(x.half()); out(x.bfloat16())

x=torch.arange(6.,requires_grad=True); y=x*1; y2=y.view(torch.int32); out(y2)

x=torch.arange(6.,requires_grad=True); out(x.view(torch.float32))
out(x.view(torch.float64)); out(x.view(torch.uint8))

x=torch.arange(6.,requires_grad=True); z=x.clone(); v=z.view(2,3); v2=v[0]; v2.unsqueeze_(0)
out(v2); v2.mul_(2); out(v2); out(z); out(v); values(torch.autograd.grad((z*z).sum(),x)[0])

x=torch.arange(6.,requires_grad=True); z=x.clone(); v=z.view(2,3); v.squeeze_()
v.transpose_(0,1); v[0].mul_(5); out(v); out(z)
values(torch.autograd.grad((z*z).sum(),x)[0])

x=torch.arange(6.,requires_grad=True)
with torch.no_grad():
  v=x.view(2,3)
  v.mul_(2)
out(x); out(v)

x=torch.arange(6.,requires_grad=True); z=x.clone()
with torch.no_grad():
  v=z.view(2,3)
z.mul_(2); out(z)
out(v)

x=torch.arange(6.,requires_grad=True); z=x.clone()
with torch.no_grad():
  v=z.view(2,3)
v.mul_(2)

x=torch.arange(8.,requires_grad=True); z=x.clone(); z2=z[2:]
z3=z2.as_strided((2,2),(1,2),3); z3.mul_(2); out(z); out(z2); out(z3)
values(torch.autograd.grad((z*z).sum(),x)[0])

x=torch.arange(8.,requires_grad=True); z=x.as_strided((3,2),(1,1),2); out(z)
values(torch.autograd.grad((z*z).sum(),x)[0])

x=torch.arange(8.,requires_grad=True); z=x[2:6].view(2,2).t(); y=z.as_strided((3,),(1,),3)
out(y); values(torch.autograd.grad((y*y).sum(),x)[0])

x=torch.ones(1,requires_grad=True); z=x.expand(3); y=z.as_strided((2,),(1,),0); out(y)

x=torch.arange(6.); y=torch.empty(0); torch.cat([x,x],out=y); out(y)
torch.stack([x,x],out=y); out(y)

x=torch.arange(6.,requires_grad=True); y=torch.empty(0); torch.cat([x,x],out=y)

x=torch.arange(6,dtype=torch.int32); y=torch.empty(0,dtype=torch.int64)
torch.cat([x,x],out=y); out(y)

x=torch.arange(6.); y=torch.empty(0,dtype=torch.int64); torch.cat([x,x],out=y); out(y)

b=torch.arange(8.)[2:].detach(); w2=torch.ones(2,requires_grad=True)
v=b.as_strided((2,),(1,),3); v.mul_(w2); out(b); out(v)
values(*[t for t in torch.autograd.grad((b*b).sum(),w2)])

b=torch.arange(8.)[2:].detach(); w2=torch.ones(2,requires_grad=True); v=b[1:3]; v.mul_(w2)
out(b); out(v); values(*[t for t in torch.autograd.grad((b*b).sum(),w2)])
values(*[t for t in torch.autograd.grad((v*v).sum(),w2)])

b=torch.arange(8.).view(2,4)[:,1:3].detach(); w2=torch.ones(2,requires_grad=True)
v=b.t()[0]; v.mul_(w2); out(b); out(v)
values(*[t for t in torch.autograd.grad((b*b).sum(),w2)])
values(*[t for t in torch.autograd.grad((v*v).sum(),w2)])

x=torch.arange(6.,dtype=torch.float64,requires_grad=True); z=x.clone(); v=z[1:4]
v.mul_(x[:3]); g,=torch.autograd.grad((z**3).sum(),x,create_graph=True)
h,=torch.autograd.grad((g*g).sum(),x); values(g); values(h)

x=torch.arange(6.,dtype=torch.float64,requires_grad=True); z=x*2; a=z.split([2,4])[1]
g,=torch.autograd.grad((a**3).sum(),x,create_graph=True)
h,=torch.autograd.grad((g*g).sum(),x); values(h)

x=torch.arange(4.)
fa=torch.autograd.forward_ad
with fa.dual_level():
  d=fa.make_dual(x.clone(),torch.ones(4)); y=d.view(2,2).t().reshape(4); out(y.detach())
  values(fa.unpack_dual(y).tangent); e=d.clone(); e.unsqueeze_(0)
  values(fa.unpack_dual(e).tangent); e[0,1:3].mul_(3); values(fa.unpack_dual(e).tangent)
  e[0,0:1].copy_(torch.zeros(1)); values(fa.unpack_dual(e).tangent); e.fill_(2.)
  values(fa.unpack_dual(e).tangent)

x=torch.arange(4.)
fa=torch.autograd.forward_ad
with fa.dual_level():
  d=fa.make_dual(torch.ones(2),torch.ones(2)); z=x.clone(); z[1:3]=d
  values(fa.unpack_dual(z).tangent); values(fa.unpack_dual(z[2]).tangent)

x=torch.arange(4.)
fa=torch.autograd.forward_ad
with fa.dual_level():
  d=fa.make_dual(torch.ones(2),torch.ones(2)); z=x.clone(); v=z[1:3]; v.copy_(d)
  values(fa.unpack_dual(v).tangent); values(fa.unpack_dual(z).tangent)
""".strip().split("\n\n")
WITHOUT_PYTHON = "view(torch."
"""The pure-Python backend cannot read bytes as another dtype."""


def graph(node: Any) -> Any:
    if node is None:
        return None
    return (node.name(), [(graph(after), number) for after, number in node.next_functions])


def facts(tensor: Any) -> tuple[Any, ...]:
    return (
        tuple(tensor.shape),
        tuple(tensor.stride()),
        tensor.storage_offset(),
        repr(tensor.dtype),
        tensor._is_view(),
        tensor._version,
        tensor.requires_grad,
        tensor.is_leaf,
        graph(tensor.grad_fn),
        tensor.detach().tolist(),
    )


def recorded(torch: Any, script: str) -> list[Any]:
    found: list[Any] = []
    names = {
        "torch": torch,
        "out": lambda *tensors: found.extend(facts(tensor) for tensor in tensors),
        "values": lambda *tensors: found.extend(tensor.tolist() for tensor in tensors),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(script, names)
        except Exception as error:  # noqa: BLE001 - what is raised is compared
            found.append((type(error).__name__, str(error)))
    return found


@pytest.mark.parametrize("script", SCRIPTS)
def test_script(engine: Any, script: str) -> None:
    if WITHOUT_PYTHON in script and current_backend().name == "python":
        pytest.skip("no bytes to read as another dtype")
    expected = recorded(real_torch, script)
    assert expected
    assert recorded(engine, script) == expected
