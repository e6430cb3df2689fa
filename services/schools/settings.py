"""Settings of the school registry alone."""

from pydantic import Field

from services.chassis.core.settings import FileSettings


class SchoolsSettings(FileSettings):
    """Settings that the registry has beside those of every service.

    Variables: `JUNHENG_RETENTION_YEARS`, `JUNHENG_ID_NUMBER_REPORTS_ALERT`,
    `JUNHENG_ID_NUMBER_REPORT_DAYS`.
    """

    retention_years: int = Field(
        default=10,
        ge=3,
        le=100,
        description="Years after leaving before a person may be erased (离职后保存年限)",
    )
    id_number_reports_alert: int = Field(
        default=50,
        ge=1,
        description="Open reports of ID numbers by one account on one day, above which the audit "
        "trail gets an alert (身份证号报送告警阈值)",
    )
    id_number_report_days: int = Field(
        default=180,
        ge=30,
        le=3650,
        description="Days that a settled report of an ID number is kept (已处理报送保存天数)",
    )
