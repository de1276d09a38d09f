"""Entries of the table are read when they are first used; here all of them are."""

from __future__ import annotations

import re

import pytest

from autograd_core import ops
from autograd_core.derivatives.entry import TableError, Unread
from autograd_core.derivatives.table import op

ENTRIES = [entry for entries in ops.table().values() for entry in entries]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.kernel_name)
def test_an_entry_is_well_formed(entry):
    assert entry.inputs
    assert type(entry) is not Unread


def stated(signature, **roles):
    """The entry of a new op, which is in no table."""
    return op("", signature, **roles).entry


def test_an_entry_keeps_what_it_was_given_before_it_was_read():
    entry = stated("f(self, other=(1, 2))", self=lambda xp, grad: grad)
    entry.overlapping = True
    assert type(entry) is Unread
    assert entry.parameters == ("self", "other")
    assert entry.overlapping
    assert entry.bind(3) == [3, (1, 2)]


@pytest.mark.parametrize(
    ("signature", "roles", "text"),
    [
        ("f(self", {}, "not a signature: 'f(self'"),
        ("f(self, 2)", {}, "not a signature: 'f(self, 2)'"),
        ("f(self)", {"other": 0}, "no argument named 'other'"),
        ("f(self)", {"self": lambda xp, grad, other: grad}, "names unknown 'other'"),
    ],
)
def test_an_entry_that_is_not_well_formed_is_refused(signature, roles, text):
    with pytest.raises(TableError, match=re.escape(text)):
        stated(signature, **roles).inputs  # noqa: B018
