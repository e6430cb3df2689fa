"""How an export stands, in words."""

from client.exports.job import ExportJob
from client.text import Language, Text

_HEAD = Text("{resource} → {file}:{state}", "{resource} → {file}: {state}")
_STATES = {
    "queued": Text("排队中", "waits for its turn"),
    "running": Text("正在写文件", "being written"),
    "completed": Text("已完成,保留至 {until}", "complete, kept until {until}"),
    "failed": Text("未完成", "failed"),
    "cancelled": Text("已取消", "cancelled"),
}
_EXPIRED = Text("文件已过期", "its file has expired")


def headline(job: ExportJob, language: Language) -> str:
    """How an export stands, in one line."""
    text = job.waiting or _STATES[job.state]
    if job.is_completed and job.is_expired:
        text = _EXPIRED
    state = text.render(language, until=f"{job.expires_at.astimezone():%Y-%m-%d}")
    return _HEAD.render(language, resource=job.resource, file=job.file_name, state=state)
