#!/bin/sh
# Copies the jars of Apache Kafka named in pom.xml into a cache folder (default: target/kafka-libs). Does nothing when they are there.
# With `streams`: those of the Kafka Streams program in tests/peers/streams, into target/streams-libs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
pom="$here/pom.xml"
libs=${FIKA_KAFKA_LIBS:-"$here/../../target/kafka-libs"}
if [ "${1:-}" = streams ]; then
    pom="$here/../peers/streams/pom.xml"
    libs="$here/../../target/streams-libs"
fi
stamp="$libs/.pom.xml"
if cmp -s "$pom" "$stamp"; then
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
mvn -q -B -f "$pom" dependency:copy-dependencies -DoutputDirectory="$(cd "$libs" && pwd)" -DincludeScope=runtime
cp "$pom" "$stamp"
