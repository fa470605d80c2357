# One image for web, worker and beat.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.lock ./
# Without it, torch brings CUDA (gigabytes); name the index of its CPU builds for a small image.
ARG TORCH_INDEX=
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir ${TORCH_INDEX:+--extra-index-url $TORCH_INDEX} -r requirements.lock
COPY . .
RUN /venv/bin/pybabel --quiet compile --directory locale --domain django \
 && MIMIS_VAR_DIR=/tmp/build MIMIS_STATIC_DIR=/app/collected /venv/bin/python manage.py collectstatic --noinput -v0

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 mimis && install -d -o mimis /var/lib/mimisbrunn
COPY --from=build /venv /venv
COPY --from=build --chown=mimis /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 MIMIS_VAR_DIR=/var/lib/mimisbrunn MIMIS_STATIC_DIR=/app/collected
USER mimis
VOLUME /var/lib/mimisbrunn
EXPOSE 8000
CMD ["gunicorn", "catalogue.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--worker-class", "gthread", "--threads", "8", "--timeout", "120"]
