"""What things of this package are called in torch: ``autograd_core.nn`` is ``torch.nn`` there."""

from __future__ import annotations

from typing import Any

from .tensor import Tensor

HERE = __name__.partition(".")[0]


def module_in_torch(name: str) -> str:
    """Return torch's name of a module of this package; other names as they are."""
    return "torch" + name[len(HERE) :] if name == HERE or name.startswith(f"{HERE}.") else name


def module_here(name: str) -> str:
    """Return the name here of a module of torch; other names as they are."""
    return HERE + name[len("torch") :] if name == "torch" or name.startswith("torch.") else name


def typename(obj: Any) -> str:
    """Return torch's name of an object's type, or of an object that has a name: for messages."""
    if isinstance(obj, Tensor):
        return str(obj.type())
    named = obj if hasattr(obj, "__qualname__") else type(obj)
    module = module_in_torch(getattr(named, "__module__", None) or "")
    name: str = named.__qualname__
    return name if module in ("", "builtins") else f"{module}.{name}"


def class_text(cls: type) -> str:
    """Return how torch's class prints: ``<class 'torch.nn.modules.module.Module'>``."""
    name = "torch.Tensor" if cls is Tensor else typename(cls)
    return f"<class '{name}'>"
