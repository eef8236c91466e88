# Airflow, dbt and the warehouse's own code in one environment, as on a machine without Docker.
FROM python:3.11.13-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    AIRFLOW_HOME=/opt/airflow \
    DPGW_HOME=/var/lib/dpgw

# A fixed number, so that the volumes' files keep their owner from one image to the next.
RUN useradd --uid 50000 --create-home dpgw \
    && install -d -o dpgw -g dpgw "$AIRFLOW_HOME" "$AIRFLOW_HOME/logs" "$DPGW_HOME" /opt/dpgw

WORKDIR /opt/dpgw
COPY requirements.txt ./
RUN pip install -r requirements.txt

COPY --chown=dpgw:dpgw . .
# Editable, because sources/, expectations/ and dbt_project/ are read beside the package.
RUN pip install --no-deps --editable .

USER dpgw
CMD ["airflow", "version"]
