"""The queue's jobs of exports."""

from services.chassis.exports.exports import Exports
from services.chassis.exports.runner import ExportRun
from services.chassis.operations.jobs import operation_jobs

EXPORT_JOBS = operation_jobs(Exports, ExportRun)
