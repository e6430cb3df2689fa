"""The application of the annual appraisal (年度考核), for uvicorn."""

from services.appraisal.features import SERVICE
from services.chassis.runtime.app import create_app

app = create_app(SERVICE)
