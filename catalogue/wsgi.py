import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "catalogue.settings")
application = get_wsgi_application()

from catalogue import stores  # noqa: E402 - after Django is set up

# The encoder loads in the background from here on, not from the first visitor's question.
stores.search_engine()
