"""The commands of `autograd-conformance`, a module each: `HELP`, `add_arguments`, `main`.

A module here imports torch, Rich and the kit's machinery inside of `main` only, so that `--help`
and bad arguments answer at once.
"""
