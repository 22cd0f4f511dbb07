// The windowed count of the service's `ingest` role, as a Kafka Streams program: calls offered, answered and abandoned per queue and
// quarter of an hour, exactly once. It does less: duplicates count twice, and the events of a call are not put together.
//   java -cp 'libs/*' WindowedCount.java BROKERS APPLICATION-ID STATE-FOLDER
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.TimeWindows;

public final class WindowedCount {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonNode read(byte[] value) {
        try {
            return JSON.readTree(value);
        } catch (Exception error) {
            return null;
        }
    }

    public static void main(String[] arguments) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[1]);
        properties.put(StreamsConfig.STATE_DIR_CONFIG, arguments[2]);
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        properties.put("auto.offset.reset", "earliest");
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream("acd.calls", Consumed.with(Serdes.ByteArray(), Serdes.ByteArray())
                .withTimestampExtractor((record, before) -> {
                    JsonNode event = read((byte[]) record.value());
                    return event == null ? before : Instant.parse(event.get("time").asText()).toEpochMilli();
                }))
            .map((key, value) -> {
                JsonNode event = read(value);
                JsonNode queue = event == null ? null : event.path("data").get("queueId");
                return KeyValue.pair(queue == null ? null : queue.asText(), event == null ? "" : event.get("type").asText());
            })
            .filter((queue, type) -> queue != null)
            .groupByKey(Grouped.with("by-queue", Serdes.String(), Serdes.String()))
            .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(15), Duration.ofMinutes(30)))
            .aggregate(() -> "0 0 0", (queue, type, counts) -> {
                String[] parts = counts.split(" ");
                int which = switch (type) {
                    case "call.queued" -> 0;
                    case "call.connected" -> 1;
                    case "call.abandoned" -> 2;
                    default -> -1;
                };
                if (which >= 0) {
                    parts[which] = Long.toString(Long.parseLong(parts[which]) + 1);
                }
                return String.join(" ", parts);
            }, Materialized.with(Serdes.String(), Serdes.String()))
            .toStream()
            .map((window, counts) -> KeyValue.pair(window.key() + "|" + window.window().startTime(), counts))
            .to(arguments[1] + "-counts", org.apache.kafka.streams.kstream.Produced.with(Serdes.String(), Serdes.String()));
        KafkaStreams streams = new KafkaStreams(builder.build(), properties);
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }
}
