from services.chassis.spool import Spool


def write_cells(source: Spool, target: Spool, sheet: str | None, most_bytes: int) -> None: ...
