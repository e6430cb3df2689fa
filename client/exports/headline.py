"""The state of an export in words."""

from client.exports.job import ExportJob
from client.text import Language, Text

_HEAD = Text("{resource} → {file}：{state}", "{resource} → {file}: {state}")
_STATES = {
    "queued": Text("排队中", "queued"),
    "running": Text("正在写文件", "writing the file"),
    "completed": Text("已完成，保留至 {until}", "complete, kept until {until}"),
    "failed": Text("失败", "failed"),
    "cancelled": Text("已取消", "cancelled"),
}
_EXPIRED = Text("文件已过期", "file expired")


def headline(job: ExportJob, language: Language) -> str:
    """The state of an export in one line."""
    text = job.waiting or _STATES[job.state]
    if job.is_completed and job.is_expired:
        text = _EXPIRED
    state = text.render(language, until=f"{job.expires_at.astimezone():%Y-%m-%d}")
    return _HEAD.render(language, resource=job.resource, file=job.file_name, state=state)
