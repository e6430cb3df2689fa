"""The queue's jobs of imports."""

from services.chassis.imports.engine.imports import Imports
from services.chassis.imports.engine.runner import ImportRun
from services.chassis.operations.jobs import operation_jobs

IMPORT_JOBS = operation_jobs(Imports, ImportRun)
