"""A procedure as a Mermaid state diagram, in one language."""

from services.chassis.core.text import Language, Text
from services.chassis.procedures.machine import StateMachine


def mermaid(machine: StateMachine, language: Language) -> str:
    """The source of a `stateDiagram-v2`: states with labels, verbs on the arrows."""
    # Downwards, the label of a loop would cover that of an arrow back.
    lines = ["stateDiagram-v2", "    direction LR"]
    lines += [f"    {one.code} : {_label(one.label, language)}" for one in machine.states]
    lines.append(f"    [*] --> {machine.initial}")
    for verb in machine.verbs:
        label = _label(verb.label, language)
        lines += [f"    {source} --> {verb.target} : {label}" for source in verb.sources]
    lines += [f"    {one.code} --> [*]" for one in machine.states if one.is_final]
    return "\n".join(lines) + "\n"


def _label(text: Text, language: Language) -> str:
    """A label without the characters that end or split one in Mermaid."""
    label = text.render(language).replace("\n", " ")
    if language == "en":
        return label.replace(":", " -").replace(";", ",").replace("#", "")
    return label.replace(":", "：").replace(";", "；").replace("#", "＃")
