"""The application of accountability (问责), for uvicorn."""

from services.accountability.features import SERVICE
from services.chassis.runtime.app import create_app

app = create_app(SERVICE)
