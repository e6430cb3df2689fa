"""Tags of routes: groups of the OpenAPI document, named in ASCII for generators of clients."""

from collections.abc import Iterable
from typing import Self

from services.chassis.core.text import Text


class Tag(str):
    """The name of a group of routes.

    Attributes:
        about: what the group is, in both languages.
    """

    about: Text
    __slots__ = ("about",)

    def __new__(cls, name: str, about: Text) -> Self:
        """A tag.

        Args:
            name: in small ASCII letters, with spaces or hyphens.
            about: what the group is.
        """
        tag = super().__new__(cls, name)
        tag.about = about
        return tag

    def described(self) -> dict[str, str]:
        """The tag as the OpenAPI document lists it."""
        return {"name": str(self), "description": f"{self.about.en} ({self.about.zh})"}


# Groups to which several features, or all services, add routes.
IMPORTS_TAG = Tag("imports", Text("导入", "Files of records, imported as jobs"))
EXPORTS_TAG = Tag("exports", Text("导出", "Lists, exported as jobs"))
CHANGES_TAG = Tag("changes", Text("变更", "Feed of changes, and histories of records"))
PROCEDURES_TAG = Tag("procedures", Text("程序", "States of records, and the verbs between them"))
CODE_LISTS_TAG = Tag("code lists", Text("代码表", "Codes with their labels"))
PERSONAL_DATA_TAG = Tag("personal data", Text("个人信息", "Records held of a person"))
AUDIT_TAG = Tag("audit", Text("审计", "Audit trail and its seals"))
PLATFORM_TAG = Tag("platform", Text("平台", "State of the platform, its jobs and its clock"))
# In this order after the tags of the features.
SHARED_TAGS = (
    IMPORTS_TAG,
    EXPORTS_TAG,
    CHANGES_TAG,
    PROCEDURES_TAG,
    CODE_LISTS_TAG,
    PERSONAL_DATA_TAG,
    AUDIT_TAG,
    PLATFORM_TAG,
)


def in_order(tags: Iterable[str]) -> list[dict[str, str]]:
    """The descriptions of these tags: those of the features as they come, then the shared ones."""
    found = [tag for tag in dict.fromkeys(tags) if isinstance(tag, Tag)]
    own = [tag for tag in found if tag not in SHARED_TAGS]
    return [tag.described() for tag in (*own, *(tag for tag in SHARED_TAGS if tag in found))]
