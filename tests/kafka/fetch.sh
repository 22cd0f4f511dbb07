#!/bin/sh
# Copies the jars of Apache Kafka named in pom.xml into a cache folder (default: target/kafka-libs). Does nothing when they are there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
libs=${FIKA_KAFKA_LIBS:-"$here/../../target/kafka-libs"}
stamp="$libs/.pom.xml"
if cmp -s "$here/pom.xml" "$stamp"; then
    exit 0
fi
for tool in java mvn; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "fetch.sh: $tool is missing; install a Java runtime (17 or newer) and Maven" >&2
        exit 1
    fi
done
rm -rf "$libs"
mkdir -p "$libs"
mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$(cd "$libs" && pwd)" -DincludeScope=runtime
cp "$here/pom.xml" "$stamp"
