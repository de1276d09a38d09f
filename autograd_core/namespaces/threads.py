"""torch's number of threads."""

from __future__ import annotations

from .. import threads
from .registration import function

get_num_threads = function(threads.get_num_threads)
set_num_threads = function(threads.set_num_threads)
