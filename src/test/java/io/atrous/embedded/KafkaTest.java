package io.atrous.embedded;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives the tests of a class a {@link KafkaCluster} as a parameter. {@code -Dtest.kafka} says
 * which: {@code embedded}, {@code docker} (Kafka's own image; {@code -Dtest.kafka.image} names
 * another), or {@code auto}, the default: the image where a container engine has it, the embedded
 * broker elsewhere.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(KafkaClusters.class)
@Tag("slow")
public @interface KafkaTest {}
