"""A second round of a request."""

from catalogue.access.domain.applications import save_application
from catalogue.access.domain.handling import return_application
from catalogue.access.domain.submitting import submit_application
from catalogue.access.models import Application


def answer_again(world, application, words="Only lake Vänern.", by="applicant"):
    """Send a request back, and let the applicant answer otherwise; return it."""
    application = Application.objects.get(pk=application.pk)
    return_application(application, by=world["handler"], reason="Which lakes?")
    application.refresh_from_db()
    answers = {**application.answers, "shared": {**application.answers["shared"], "purpose": words}}
    save_application(application, by=world[by], version=application.version, answers=answers)
    application.refresh_from_db()
    return submit_application(application, by=world[by], version=application.version)
