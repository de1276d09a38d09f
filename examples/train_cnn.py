"""Train a small convolutional network to tell strokes in noisy pictures apart, and look into it.

    python examples/train_cnn.py                               # on autograd_core
    python examples/train_cnn.py --backend python              # on its pure-Python backend
    python examples/train_cnn.py --module torch                # the same program on torch

All three print the same: the same seed gives the same numbers, to the digits shown.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator
from typing import Any

SIDE = 8
KINDS = ("horizontal", "vertical", "diagonal")


def pictures(torch: Any, count: int) -> tuple[Any, Any]:
    """Return ``count`` pictures (count, 1, SIDE, SIDE) with one stroke each, and its kind."""
    kinds = torch.arange(count) % len(KINDS)
    places = torch.randint(1, SIDE - 1, (count,))
    images = 0.3 * torch.randn(count, 1, SIDE, SIDE)
    for image, kind, place in zip(images, kinds.tolist(), places.tolist(), strict=True):
        if kind == 0:
            image[0, place] += 1
        elif kind == 1:
            image[0, :, place] += 1
        else:
            image[0].diagonal().add_(1)
    return images, kinds


def network(nn: Any) -> Any:
    """Return the classifier, with weights drawn from the seeded generator."""
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 8, 3, padding=1),
        nn.SiLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(0.1),
        nn.Linear(8, len(KINDS)),
    )


def saliency(torch: Any, model: Any, image: Any, kind: int) -> Any:
    """Return how much each pixel of a picture (1, SIDE, SIDE) moves the score of a kind."""
    image = image.unsqueeze(0).requires_grad_()
    (gradient,) = torch.autograd.grad(model(image)[0, kind], image)
    return gradient[0, 0].abs()


def run(torch: Any, epochs: int = 12) -> Iterator[str]:
    """Yield the lines that the program prints."""
    torch.manual_seed(0)
    images, kinds = pictures(torch, 48)
    model = network(torch.nn)
    yield repr(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    loss_of = torch.nn.CrossEntropyLoss(label_smoothing=0.05)
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for batch in torch.randperm(len(images)).split(16):
            optimizer.zero_grad()
            loss = loss_of(model(images[batch]), kinds[batch])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        if epoch % 4 == 3:
            yield f"epoch {epoch + 1:2d}: loss {total / len(images):.3f}"
    model.eval()
    with torch.no_grad():
        right = (model(images).argmax(1) == kinds).sum().item()
    yield f"{right} of {len(kinds)} pictures are told right"
    seen = saliency(torch, model, images[1], 1)
    stroke = images[1, 0].sum(0).argmax().item()
    share = seen[:, stroke - 1 : stroke + 2].sum() / seen.sum()
    yield f"{share.item():.0%} of the gradient of 'vertical' is within one pixel of the stroke"


def main() -> None:
    """Print the lines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--module", default="autograd_core", help="what to import as torch")
    parser.add_argument("--backend", help="backend of autograd_core")
    parser.add_argument("--epochs", type=int, default=12)
    options = parser.parse_args()
    module = importlib.import_module(options.module)
    if options.backend:
        module.set_default_backend(options.backend)
    for line in run(module, options.epochs):
        print(line)


if __name__ == "__main__":
    main()
