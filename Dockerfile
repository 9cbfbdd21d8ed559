# syntax=docker/dockerfile:1
#
#   docker build -t odoo-orphan-cleanup .
#   docker run --read-only --tmpfs /tmp -v orphan-data:/data -v ./config:/app/config:ro -v ./jobs:/app/jobs:ro \
#       odoo-orphan-cleanup scan --job nightly-scan --out /data/out
#
# The web page listens on the container's own loopback. To see it from the host (the password of admin is in the log, once):
#   docker run … -e SERVER_ADDRESS=0.0.0.0 -p 127.0.0.1:8080:8080 odoo-orphan-cleanup

FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/m2 ./mvnw -Dmaven.repo.local=/m2 -q -B -DskipTests package
# what changes seldom comes first, so that a new release is a small layer
RUN java -Djarmode=tools -jar target/odoo-orphan-cleanup.jar extract --layers --destination layers

FROM eclipse-temurin:25-jre
RUN groupadd --system --gid 10001 orphan \
    && useradd --system --uid 10001 --gid orphan --home-dir /data --shell /usr/sbin/nologin orphan \
    && install -d -o orphan -g orphan -m 0700 /data
WORKDIR /app
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./
# by number, so that Kubernetes can see that it is not root
USER 10001:10001
# our own database and the keys; everything else may be read-only, but for /tmp
# a run waits for two databases and Odoo: what the second compiler wins it takes from them (bench/repairs.py)
ENV ORPHAN_DATA_DIR=/data \
    JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=75 -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
VOLUME /data
EXPOSE 8080
# of serve, the default; the image has no curl
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s --retries=3 CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/${SERVER_PORT:-8080} && printf 'GET /actuator/health/liveness HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200'"]
ENTRYPOINT ["java", "-jar", "odoo-orphan-cleanup.jar"]
