"""Fourier transforms: what they save and refuse, ``out=``, frequencies, spectrograms, windows."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _signal(torch: Any, count: int = 24) -> Any:
    return (torch.arange(count, dtype=torch.float64) * 0.7).sin()


@scenario
def fft_nodes_and_what_they_save(torch: Any, record: Recorder) -> None:
    x = _signal(torch).view(2, 3, 4).requires_grad_()
    for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "rfft2", "hfftn", "ihfftn"):
        y = getattr(torch.fft, name)(x, norm="ortho")
        record(name, y)
        record.graph(f"graph of {name}", y)
    y = torch.fft.rfft(x, dim=-2, norm="forward")
    node = y.grad_fn
    record("saved", [node._saved_dim, node._saved_normalization, node._saved_onesided])
    record("saved input", node._saved_self is x)


@scenario
def fft_input_written_to_before_backward(torch: Any, record: Recorder) -> None:
    x = _signal(torch).requires_grad_()
    y = x * 1
    z = torch.fft.rfft(y)
    w = torch.fft.fft(y * 1j)
    y.mul_(2)
    with record.raises("rfft remembers its input"):
        z.abs().sum().backward()
    w.abs().sum().backward()
    record("fft does not", x.grad)


@scenario
def fft_of_conjugates_and_strided_views(torch: Any, record: Recorder) -> None:
    x = torch.complex(_signal(torch), _signal(torch).flip(0)).view(4, 6)
    record("conjugate", torch.fft.fft(x.conj()))
    record("transposed", torch.fft.fft(x.t(), dim=0))
    record("every second", torch.fft.ifft2(x[:, ::2]))
    record("imaginary parts", torch.fft.rfft(x.imag))


@scenario
def fft_out(torch: Any, record: Recorder) -> None:
    x = _signal(torch)
    out = torch.empty(0, dtype=torch.complex128)
    record("written", torch.fft.rfft(x, out=out) is out)
    record("out", out)
    record("single precision", torch.fft.rfft(x, out=torch.empty(0, dtype=torch.complex64)))
    for name in ("fft", "ifft2", "rfftn", "irfft", "hfftn"):
        with record.raises(f"{name} into integers"):
            getattr(torch.fft, name)(x.view(4, 6), out=torch.empty(0, dtype=torch.int64))
    with record.raises("with a gradient"):
        torch.fft.irfft(x.clone().requires_grad_(), out=torch.empty(0, dtype=torch.float64))


@scenario
def fft_refusals(torch: Any, record: Recorder) -> None:
    x = _signal(torch).view(4, 6)
    calls: dict[str, Any] = {
        "no points": lambda: torch.fft.fft(x, 0),
        "one point of two": lambda: torch.fft.irfft(x[:, :1]),
        "norm": lambda: torch.fft.fft(x, norm="unit"),
        "type of norm": lambda: torch.fft.fft(x, norm=1),
        "dim": lambda: torch.fft.fft(x, dim=2),
        "no dims": lambda: torch.fft.fft(x[0, 0]),
        "complex": lambda: torch.fft.rfft(x * 1j),
        "halves": lambda: torch.fft.fft(x.half()),
        "repeated dims": lambda: torch.fft.fftn(x, dim=(0, -2)),
        "sizes and dims": lambda: torch.fft.fftn(x, (2,), (0, 1)),
        "too many sizes": lambda: torch.fft.fftn(x, (2, 2, 2)),
        "no axis": lambda: torch.fft.rfftn(x, dim=()),
        "no input": lambda: torch.fft.fft("signal"),
        "type of n": lambda: torch.fft.fft(x, 2.0),
        "nothing to shift": lambda: torch.fft.fftshift(x[0, 0]),
        "frequencies in integers": lambda: torch.fft.fftfreq(4, dtype=torch.int64),
    }
    for label, call in calls.items():
        with record.raises(label):
            call()


@scenario
def fft_frequencies_and_shifts(torch: Any, record: Recorder) -> None:
    for n in (0, 1, 4, 5):
        record(f"fftfreq {n}", torch.fft.fftfreq(n, 0.5, dtype=torch.float64))
        record(f"rfftfreq {n}", torch.fft.rfftfreq(n, 0.5))
    record("leaf", torch.fft.fftfreq(4, requires_grad=True))
    x = _signal(torch).view(4, 6).requires_grad_()
    record("shifted", torch.fft.fftshift(x, dim=1))
    record.graph("graph", torch.fft.ifftshift(x))


@scenario
def fft_under_vmap_and_forward_mode(torch: Any, record: Recorder) -> None:
    x = _signal(torch).view(4, 6)
    record("batched", torch.vmap(torch.fft.rfft)(x))
    record("batched last", torch.vmap(lambda v: torch.fft.fft2(v[None]), in_dims=1)(x))
    made = torch.func.jvp(lambda v: torch.fft.irfft(v * 1j, 5), (x[0],), (x[1],))
    record("tangent", list(made))
    record("jacobian", torch.func.jacrev(lambda v: torch.fft.rfft(v).abs())(x[0]))


@scenario
def spectrogram_and_back(torch: Any, record: Recorder) -> None:
    x = _signal(torch, 40).requires_grad_()
    window = torch.hann_window(8, dtype=torch.float64)
    y = torch.stft(x, 8, 3, window=window, return_complex=True)
    record("spectra", y)
    record.graph("graph", y)
    back = torch.istft(y, 8, 3, window=window, length=44)
    record("signal", back)
    record.graph("graph of the signal", back)
    back.square().sum().backward()
    record("gradient", x.grad)
    short = torch.hamming_window(5, dtype=torch.float64)
    for aligned in (False, True):
        options = {"center": False, "align_to_window": aligned, "return_complex": True}
        record(f"aligned {aligned}", torch.stft(x, 8, 2, 5, short, onesided=False, **options))


@scenario
def spectrogram_refusals(torch: Any, record: Recorder) -> None:
    x = _signal(torch, 40)
    window = torch.hann_window(8, dtype=torch.float64)
    y = torch.stft(x, 8, window=window, return_complex=True)
    calls: dict[str, Any] = {
        "return_complex": lambda: torch.stft(x, 8, window=window),
        "integers": lambda: torch.stft(x.long(), 8, window=window, return_complex=True),
        "too long": lambda: torch.stft(x, 50, center=False, return_complex=True),
        "hop": lambda: torch.stft(x, 8, 0, window=window, return_complex=True),
        "window": lambda: torch.stft(x, 8, window=window[:5], return_complex=True),
        "half of complex": lambda: torch.stft(x * 1j, 8, onesided=True, window=window),
        "real spectra": lambda: torch.istft(y.real, 8, window=window),
        "frequencies": lambda: torch.istft(y, 10, window=window),
        "gaps": lambda: torch.istft(y, 8, window=window, center=False),
        "hop back": lambda: torch.istft(y, 8, 9, window=window),
    }
    for label, call in calls.items():
        with record.raises(label):
            call()


@scenario
def windows(torch: Any, record: Recorder) -> None:
    for name in ("bartlett", "blackman", "hamming", "hann", "kaiser"):
        window = getattr(torch, f"{name}_window")
        for count in (0, 1, 2, 7):
            record(f"{name} {count}", window(count, dtype=torch.float64))
        record(f"{name} symmetric", window(6, False, dtype=torch.float64))
        with record.raises(f"{name} of integers"):
            window(4, dtype=torch.int32)
        with record.raises(f"{name} of negative length"):
            window(-1)
    record("hamming", torch.hamming_window(5, True, 0.6, 0.3, dtype=torch.float64))
    record("kaiser", torch.kaiser_window(5, True, 3.0, dtype=torch.float64, requires_grad=True))
