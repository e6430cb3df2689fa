"""Settings of the school registry alone."""

from pydantic import Field

from services.chassis.core.settings import FileSettings


class SchoolsSettings(FileSettings):
    """What the registry needs beside what every service needs (`JUNHENG_RETENTION_YEARS`)."""

    retention_years: int = Field(
        default=10,
        ge=3,
        le=100,
        description="Years after leaving before a person may be erased (离职后保存年限)",
    )
