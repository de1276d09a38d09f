"""torch.autograd.anomaly_mode: contexts that switch anomaly detection."""

from __future__ import annotations

import warnings

from ..engine.anomaly import (
    is_anomaly_check_nan_enabled,
    is_anomaly_enabled,
    set_anomaly_enabled,
)

__all__ = ["detect_anomaly", "set_detect_anomaly"]


class detect_anomaly:  # noqa: N801 - torch's name
    """Nodes made inside remember where, and a backward inside that fails shows it.

    Args:
        check_nan: whether a gradient that is NaN is an error.
    """

    def __init__(self, check_nan: bool = True) -> None:
        self.prev = is_anomaly_enabled()
        self.check_nan = check_nan
        self.prev_check_nan = is_anomaly_check_nan_enabled()
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should "
            "only be enabled for debugging.",
            UserWarning,
            stacklevel=2,
        )

    def __enter__(self) -> None:
        set_anomaly_enabled(True, self.check_nan)

    def __exit__(self, *_: object) -> None:
        set_anomaly_enabled(self.prev, self.prev_check_nan)


class set_detect_anomaly:  # noqa: N801 - torch's name
    """Switches anomaly mode at once, and back on leaving when used as a context.

    Args:
        mode: on or off.
        check_nan: whether a gradient that is NaN is an error.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.prev = is_anomaly_enabled()
        self.prev_check_nan = is_anomaly_check_nan_enabled()
        set_anomaly_enabled(mode, check_nan)

    def __enter__(self) -> None:
        """Nothing: the mode was set when the context was made."""

    def __exit__(self, *_: object) -> None:
        set_anomaly_enabled(self.prev, self.prev_check_nan)
