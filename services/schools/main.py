"""The application of the school registry (学校登记), for uvicorn."""

from services.chassis.runtime.app import create_app
from services.schools.features import SERVICE

app = create_app(SERVICE)
