"""torch.optim: SGD, Adam and AdamW, and schedulers of their learning rates."""

from . import lr_scheduler, optimizer
from .adam import Adam, AdamW
from .optimizer import Optimizer
from .sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "lr_scheduler", "optimizer"]
