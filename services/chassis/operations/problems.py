"""Problems that every kind of operation has, with its own codes and words."""

from dataclasses import dataclass
from typing import Any, TypeVar

from services.chassis.core.errors import AppError, Conflict, NotFound
from services.chassis.core.text import Text

RETRY_AFTER_SECONDS = 10
NO_HINT = Text("", "")

Problem = TypeVar("Problem", bound=AppError)


class OperationNotFound(NotFound):
    """No such operation, or not visible to the caller."""

    code = "{name}.not_found"
    title = Text("没有这个{noun}任务", "No such {noun}")
    detail = Text(
        "没有{noun}任务 {{key}}，或您无权查看。", "No {noun} {{key}}, or not visible to you."
    )


class OperationEnded(Conflict):
    """Nothing is left to cancel."""

    code = "{name}.ended"
    title = Text("{noun}已结束", "The {noun} has ended")
    detail = Text("该{noun}的状态为 {{state}}。", "This {noun} is {{state}}.")


class OperationNotEnded(Conflict):
    """Its file is still needed."""

    code = "{name}.not_ended"
    title = Text("{noun}尚未结束", "The {noun} has not ended")
    detail = Text(
        "该{noun}的状态为 {{state}}；请先取消，或等待其结束。",
        "This {noun} is {{state}}. Cancel it, or wait for its end.",
    )


class TooManyUnfinished(AppError):
    """The account has as many unfinished operations as it may have."""

    status = 429
    code = "{name}.too_many_waiting"
    title = Text("未完成的{noun}过多", "Too many {noun}s waiting")
    detail = Text(
        "您已有 {{limit}} 个{noun}尚未完成；请等待其结束，或取消后再试。",
        "{{limit}} of your {noun}s have not ended yet. Wait for them, or cancel some.",
    )

    def __init__(self, limit: int = 0) -> None:
        super().__init__(headers={"Retry-After": str(RETRY_AFTER_SECONDS)}, limit=limit)


class GivenUp(AppError):
    """The operation failed at every attempt."""

    status = 500
    code = "{name}.given_up"
    title = Text("{noun}未能完成", "The {noun} could not be completed")
    detail = Text(
        "多次尝试后仍未完成；请重新{noun}，若再次失败请联系管理员。",
        "Every attempt failed. Repeat the {noun}; if it fails again, contact your administrator.",
    )


class FilesExpired(AppError):
    """Files are kept for some days only."""

    status = 410
    code = "{name}.expired"
    title = Text("文件已过期", "Expired")
    detail = Text(
        "该{noun}的文件已于 {{at}} 过期删除；请重新{noun}。",
        "The files of this {noun} were deleted on {{at}}. Repeat the {noun}.",
    )


@dataclass(frozen=True)
class Problems:
    """The problems of one kind of operation.

    Attributes:
        not_found: there is no such operation for the caller.
        ended: it cannot be cancelled any more.
        not_ended: its file cannot be removed yet.
        too_many: the account has too many unfinished ones.
        given_up: every attempt failed.
        expired: its files are deleted.
    """

    not_found: type[OperationNotFound]
    ended: type[OperationEnded]
    not_ended: type[OperationNotEnded]
    too_many: type[TooManyUnfinished]
    given_up: type[GivenUp]
    expired: type[FilesExpired]

    @classmethod
    def of(cls, name: str, noun: Text, hint: Text) -> "Problems":
        """The problems of a kind.

        Args:
            name: of the kind, which begins its codes.
            noun: what people call it.
            hint: added to the words of `given_up`.
        """
        return cls(
            not_found=_worded(OperationNotFound, name, noun),
            ended=_worded(OperationEnded, name, noun),
            not_ended=_worded(OperationNotEnded, name, noun),
            too_many=_worded(TooManyUnfinished, name, noun),
            given_up=_worded(GivenUp, name, noun, hint),
            expired=_worded(FilesExpired, name, noun),
        )


def _worded(problem: type[Problem], name: str, noun: Text, hint: Text = NO_HINT) -> type[Problem]:
    def words(text: Text, more: Text = NO_HINT) -> Text:
        return Text(text.zh.format(noun=noun.zh) + more.zh, text.en.format(noun=noun.en) + more.en)

    attributes: dict[str, Any] = {
        "__doc__": problem.__doc__,
        "__module__": problem.__module__,
        "code": problem.code.format(name=name),
        "title": words(problem.title),
        "detail": words(problem.detail, hint),
    }
    return type(f"{name.capitalize()}{problem.__name__}", (problem,), attributes)
