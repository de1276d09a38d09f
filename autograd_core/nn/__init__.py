"""torch.nn: parameters, modules, losses, their initialisation and their functions."""

from . import functional, init, modules, parameter, utils
from .modules import *
from .modules.module import Module
from .parameter import Buffer, Parameter

__all__ = [
    *modules.__all__,
    "Buffer",
    "Module",
    "Parameter",
    "functional",
    "init",
    "modules",
    "parameter",
    "utils",
]
