"""Lists whose texts depend on the reader's language."""

from collections.abc import Callable

from services.chassis.core.text import Language
from services.chassis.lists.listing import Listing

# A list, or a function of the language if its texts depend on it.
Worded = Listing | Callable[[Language], Listing]


def in_language(listing: Worded, language: Language) -> Listing:
    """The list in a language."""
    return listing if isinstance(listing, Listing) else listing(language)
