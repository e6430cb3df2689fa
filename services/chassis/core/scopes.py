"""Scopes that belong to no feature: what every service offers (平台权限)."""

from enum import StrEnum


class PlatformScope(StrEnum):
    """Rights to what every service offers."""

    AUDIT_READ = "audit:read"
    CHANGES_READ = "changes:read"
    CLOCK_WRITE = "clock:write"
    CODES_READ = "codes:read"
    IMPORTS_WRITE = "imports:write"
    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"
    KEYS_READ = "keys:read"
    KEYS_ROTATE = "keys:rotate"
    PERSONAL_DATA_READ = "personal_data:read"
