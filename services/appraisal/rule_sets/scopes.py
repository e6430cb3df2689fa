"""Scopes of rule sets (考核规则权限)."""

from enum import StrEnum


class RuleSetScope(StrEnum):
    """Rights to rule sets."""

    READ = "rule_sets:read"
    WRITE = "rule_sets:write"
