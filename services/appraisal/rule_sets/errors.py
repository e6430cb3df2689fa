"""Problems of rule sets."""

from services.chassis.core.errors import Conflict, NotFound
from services.chassis.core.text import Text


class RuleSetNotFound(NotFound):
    """No such rule set in the bureau."""

    code = "appraisal.rule_set_not_found"
    title = Text("没有这套规则", "No such rule set")
    detail = Text("没有考核规则 {key}。", "No rule set {key}.")


class RuleSetBuiltIn(Conflict):
    """The founding rules are built in; a copy under another code can be edited."""

    code = "appraisal.rule_set_built_in"
    title = Text("内置规则不可修改", "Built-in rule set")
    detail = Text(
        "创始规则不可修改，请另建一套规则。", "The founding rules cannot be edited; create another."
    )
