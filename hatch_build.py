"""Packs wheels as tightly as zlib can: hatchling leaves that at zlib's default."""

from __future__ import annotations

import zipfile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface[Any]):
    """Packs the members of a finished wheel again, in their order and with their dates."""

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Rewrite the wheel at ``artifact_path``."""
        with zipfile.ZipFile(artifact_path) as wheel:
            members = [(member, wheel.read(member)) for member in wheel.infolist()]
        with zipfile.ZipFile(artifact_path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
            for member, content in members:
                wheel.writestr(member, content, compresslevel=9)
