"""The layer's settings, changed by POST /lab/settings."""

from dataclasses import asdict, dataclass, fields


@dataclass
class Settings:
    pending_s: float = 0.0        # an instance stays pending this long after its launch
    shutting_down_s: float = 0.0  # and shutting-down this long after its termination
    invisible_s: float = 0.0      # and is unknown to every other call this long after its launch
    idempotent: bool = True       # False: client tokens are ignored, as plain moto does
    page_size: int = 1000         # at most this many reservations per page, whatever was requested
    empty_first_page: bool = False  # the first page only has a NextToken, as AWS may do

    def merge(self, changes: dict) -> None:
        known = {field.name for field in fields(self)}
        unknown = sorted(set(changes) - known)
        if unknown:
            raise ValueError(f"unknown settings: {', '.join(unknown)}")
        for name, value in changes.items():
            setattr(self, name, value)

    def reset(self) -> None:
        self.merge(asdict(Settings()))


settings = Settings()
