package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** What arrives from other nodes is read, or refused; nothing else. */
final class HealingMessagePropertiesTest {
  private static final DatabaseName NAME = new DatabaseName("some-name.db");
  private static final RecentStates.State STATE =
      new RecentStates.State(new EntryId(3, 4), Long.MIN_VALUE);
  private static final DatabaseRecord RECORD =
      new DatabaseRecord(NAME, 7, 4096, 8, 9, true, new EntryId(1, 2), 3, -99);

  private static List<HealingMessage> samples() {
    return List.of(
        new HealingMessage.StateQuestion(1, NAME, 7, 100, null),
        new HealingMessage.StateQuestion(1, NAME, 7, 100, STATE),
        new HealingMessage.StateAnswer(2, NAME, 7, 3, null, List.of()),
        new HealingMessage.StateAnswer(2, NAME, 7, 0, RECORD, List.of(STATE, STATE)),
        new HealingMessage.PartQuestion(3, NAME, 7, 1L << 40, HealingMessage.PART_BYTES_MAX),
        new HealingMessage.PartAnswer(4, NAME, 7, new byte[1000]),
        new HealingMessage.EndQuestion(5, NAME, 7),
        new HealingMessage.EndAnswer(6, NAME, 7, 1234));
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    for (HealingMessage message : samples()) {
      assertThat(HealingMessage.decode(message.encode()))
          .usingRecursiveComparison()
          .isEqualTo(message);
    }
  }

  @Test
  void theLargestFitIntoAMessage() {
    HealingMessage part =
        new HealingMessage.PartAnswer(4, NAME, 7, new byte[HealingMessage.PART_BYTES_MAX]);
    assertThat(part.encode().length)
        .isLessThanOrEqualTo(dev.balsa.raft.core.Message.MachineMessage.PAYLOAD_BYTES_MAX);
  }

  @Test
  void anotherVersionIsRefused() {
    byte[] bytes = samples().get(0).encode();
    bytes[0] = 9;
    assertThatThrownBy(() -> HealingMessage.decode(bytes))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("version 9");
  }

  @Property(tries = 3000)
  void damagedMessagesAreRefusedOrRead(@ForAll long seed) {
    Random random = new Random(seed);
    List<HealingMessage> samples = samples();
    byte[] bytes = samples.get(random.nextInt(samples.size())).encode();
    for (int i = random.nextInt(4); i >= 0; i--) {
      bytes[random.nextInt(Math.min(bytes.length, 120))] = (byte) random.nextInt(256);
    }
    if (random.nextBoolean()) {
      bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 10));
    }
    decodeHarmlessly(bytes);
  }

  @Property(tries = 2000)
  void randomBytesAreRefusedOrRead(@ForAll byte[] bytes) {
    decodeHarmlessly(bytes);
  }

  private static void decodeHarmlessly(byte[] bytes) {
    try {
      assertThat(HealingMessage.decode(bytes)).isNotNull();
    } catch (IOException refused) {
      assertThat(refused).hasMessageContaining(" ");
    }
  }
}
