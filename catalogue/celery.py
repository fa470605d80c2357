"""The Celery application: on a folder broker by default, on Redis in production.

The queue only carries nudges. What there is to do stands in the database (runs, outbox), and beat asks
for it again every few seconds, so a message lost with a broker or a killed worker costs a delay, never work.
"""

from __future__ import annotations

import os
import warnings

from celery import Celery
from celery.platforms import SecurityWarning
from celery.schedules import crontab
from kombu.entity import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "catalogue.settings")

from django.conf import settings

# Said at every start as root, which a container's first process often is; messages here are no code.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("mimisbrunn")
app.conf.task_default_queue = "harvest"
# The index has one writer: its queue is served by a worker of concurrency 1. Reading people's files takes
# its time, as the DOI registry does, and nobody's projection shall wait for either.
app.conf.task_queues = (Queue("harvest"), Queue("project"), Queue("files"))
FILE_TASKS = (
    "check_new_files",
    "check_fixity",
    "discard_uploads",
    "register_dois",
    "reconcile_dois",
    "send_alerts",
)
app.conf.task_routes = {f"catalogue.tasks.{name}": {"queue": "files"} for name in FILE_TASKS} | {
    "catalogue.tasks.*": {"queue": "project"}
}
# Telling targets, mail and the nightly checks of access requests wait for others too.
app.conf.task_routes["catalogue.access.tasks.*"] = {"queue": "files"}
app.conf.task_ignore_result = True
app.conf.worker_hijack_root_logger = False
app.conf.broker_connection_retry_on_startup = True
app.conf.beat_schedule_filename = str(settings.VAR_DIR / "celerybeat-schedule")
app.conf.beat_schedule = {
    "harvest-due": {"task": "harvesters.tasks.run_due", "schedule": 10.0, "options": {"expires": 10}},
    "project": {"task": "catalogue.tasks.drain_outbox", "schedule": 5.0, "options": {"expires": 5}},
    "files": {"task": "catalogue.tasks.check_new_files", "schedule": 10.0, "options": {"expires": 10}},
    "dois": {"task": "catalogue.tasks.register_dois", "schedule": 10.0, "options": {"expires": 10}},
    "dois-nightly": {
        "task": "catalogue.tasks.reconcile_dois",
        "schedule": crontab(hour=3, minute=17),
        "options": {"expires": 3600},
    },
    "alerts": {"task": "catalogue.tasks.send_alerts", "schedule": 60.0, "options": {"expires": 60}},
    "fixity": {"task": "catalogue.tasks.check_fixity", "schedule": 3600.0, "options": {"expires": 3600}},
    "push": {"task": "catalogue.access.tasks.push_rights", "schedule": 10.0, "options": {"expires": 10}},
    "push-hourly": {
        "task": "catalogue.access.tasks.reconcile_rights",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "rights-time": {
        "task": "catalogue.access.tasks.keep_time",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "mail": {"task": "catalogue.access.tasks.send_mail", "schedule": 10.0, "options": {"expires": 10}},
    "reminders": {"task": "catalogue.access.tasks.remind", "schedule": 600.0, "options": {"expires": 600}},
    "retention": {"task": "catalogue.access.tasks.forget", "schedule": 3600.0, "options": {"expires": 3600}},
    "logs-nightly": {
        "task": "catalogue.access.tasks.check_logs",
        "schedule": crontab(hour=2, minute=41),
        "options": {"expires": 3600},
    },
    "uploads": {"task": "catalogue.tasks.discard_uploads", "schedule": 86400.0, "options": {"expires": 3600}},
}
if settings.BROKER_URL == "folder":
    folder = settings.VAR_DIR / "queue"
    for name in ("messages", "control"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    app.conf.broker_url = "filesystem://localhost"
    app.conf.broker_transport_options = {
        "data_folder_in": str(folder / "messages"),
        "data_folder_out": str(folder / "messages"),
        "control_folder": str(folder / "control"),
    }
else:
    app.conf.broker_url = settings.BROKER_URL
app.autodiscover_tasks(["catalogue", "catalogue.access", "harvesters"])
