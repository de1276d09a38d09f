"""Attention with several heads, the layers of the Transformer, and cross entropy in chunks."""

from __future__ import annotations

import warnings
from typing import Any

from autograd_conformance.scenarios.nn import numbers
from autograd_conformance.scenarios.recording import Recorder, scenario

ROUNDINGS = 256.0
"""Units in the last place that sums which cancel may differ by."""


@scenario
def attention_with_several_heads(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    torch.manual_seed(0)
    x = torch.rand(3, 2, 4, requires_grad=True)
    m = nn.MultiheadAttention(4, 2, dropout=0.3)
    output, shares = m(x, x, x)
    record(repr(m), [output, shares])
    record.graph("graph", output)
    (output.sum() + shares.sum()).backward()
    record("gradients", numbers([x.grad, m.in_proj_weight.grad, m.out_proj.bias.grad]))
    q, k, v = torch.rand(2, 3, 4), torch.rand(2, 5, 3), torch.rand(2, 5, 6)
    m = nn.MultiheadAttention(
        4, 2, batch_first=True, add_bias_kv=True, add_zero_attn=True, kdim=3, vdim=6
    )
    record("state", sorted(m.state_dict()))
    hidden = torch.tensor([[True, False, False, False, True]] * 2)
    masked = m(q, k, v, key_padding_mask=hidden, attn_mask=torch.rand(3, 5) > 2)
    record("masked", list(masked))
    record("each head", m(q, k, v, average_attn_weights=False)[1])
    record("one sequence", list(m(q[0], k[0], v[0])))
    alone, nothing = m(q, k, v, need_weights=False)
    record("alone", [alone, nothing])
    record.graph("alone", alone)
    m = nn.MultiheadAttention(4, 2)
    with record.raises("ranks"):
        m(q[0], k, v)
    with record.raises("width"):
        m(k, k, k)
    with record.raises("mask"):
        m(q, q, q, attn_mask=torch.rand(2, 3))
    with record.raises("hint"):
        m(q, q, q, is_causal=True)
    with record.raises("heads"):
        nn.MultiheadAttention(5, 2)


@scenario
def attention_by_kernel_and_by_composition(torch: Any, record: Recorder) -> None:
    attend = torch.nn.functional.scaled_dot_product_attention
    torch.manual_seed(0)
    q = torch.rand(1, 4, 3, 2, requires_grad=True)
    k, v = (torch.rand(1, 2, 5, 2, requires_grad=True) for _ in range(2))
    same = torch.rand(1, 4, 5, 2, requires_grad=True)
    bias = torch.rand(3, 5, requires_grad=True)
    seen = torch.tensor([[True, False, True, True, False], [False] * 5, [True] * 5])
    for label, operands, options in (
        ("heads shared", (q, k, v), {"enable_gqa": True}),
        ("causal", (q, same, same), {"is_causal": True}),
        ("scaled", (q, same, same), {"scale": -0.3}),
        ("bool mask", (q, same, same), {"attn_mask": seen}),
        ("mask to be learned", (q, same, same), {"attn_mask": bias}),
        ("one row", (q[0, 0], same[0, 0], same[0, 0]), {"attn_mask": seen}),
        ("dropped", (q, same, same), {"dropout_p": 0.5}),
        ("broadcast", (q[:, :1], same, same), {}),
        ("nothing", (q[:, :, :0], same, same), {}),
    ):
        made = attend(*operands, **options)
        record(label, [made, made.stride()])
        record.graph(label, made)
        grads = torch.autograd.grad(made.sum(), [q, same, k], allow_unused=True)
        record(f"gradients, {label}", numbers(grads), ulps=ROUNDINGS)
    first = torch.autograd.grad(attend(q, same, same).sum(), q, create_graph=True)[0]
    record.graph("graph of the gradient", first)
    with record.raises("second order of the kernel"):
        first.sum().backward()
    with record.raises("heads"):
        attend(q, torch.rand(1, 3, 5, 2), torch.rand(1, 3, 5, 2), enable_gqa=True)
    with record.raises("two masks"):
        attend(q[0], same[0], same[0], attn_mask=seen, is_causal=True)
    with record.raises("dtypes"):
        attend(q, same.double(), same)


@scenario
def transformer(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    torch.manual_seed(0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        m = nn.Transformer(4, 2, 1, 1, 6, dropout=0.2)
    record(repr(m), [str(warning.message) for warning in caught])
    source = torch.rand(3, 2, 4, requires_grad=True)
    mask = m.generate_square_subsequent_mask(2)
    output = m(source, torch.rand(2, 2, 4), tgt_mask=mask)
    record("output", output)
    record.graph("graph", output)
    (output * torch.rand(2, 2, 4)).sum().backward()
    record("gradient", source.grad, ulps=ROUNDINGS)
    record("gradients", numbers([m.encoder.layers[0].linear1.weight.grad]), ulps=ROUNDINGS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layer = nn.TransformerEncoderLayer(4, 2, 6, 0.2, "gelu", batch_first=True, norm_first=True)
        encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(4))
    hidden = torch.tensor([[False, False, True]] * 2)
    record("encoded", encoder(torch.rand(2, 3, 4), src_key_padding_mask=hidden))
    decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 6, norm_first=True), 1)
    record("decoded", decoder(torch.rand(3, 2, 4), torch.rand(5, 2, 4)))
    with record.raises("activation"):
        nn.TransformerEncoderLayer(4, 2, activation="tanh")
    with record.raises("batches"):
        m(source, torch.rand(2, 1, 4))


@scenario
def cross_entropy_in_chunks(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    torch.manual_seed(0)
    options = nn.LinearCrossEntropyOptions(batch_chunk_size=2)
    record(repr(options), options == nn.LinearCrossEntropyOptions(batch_chunk_size=2))
    x = torch.rand(5, 3, requires_grad=True)
    target = torch.tensor([0, 3, 1, 2, 3])
    for reduction in ("mean", "sum", "none"):
        m = nn.LinearCrossEntropyLoss(
            3, 4, bias=True, reduction=reduction, ignore_index=1, options=options
        )
        loss = m(x, target)
        record(repr(m), [loss, loss._version])
        record.graph("graph", loss)
        loss.sum().backward(retain_graph=True)
        record("gradients", numbers([x.grad, m.linear.weight.grad, m.linear.bias.grad]))
        if reduction != "none":
            with record.raises("twice"):
                loss.sum().backward()
    with record.raises("method"):
        nn.LinearCrossEntropyOptions(chunking_method="most")
    with record.raises("size"):
        nn.LinearCrossEntropyOptions(batch_chunk_size=0)
