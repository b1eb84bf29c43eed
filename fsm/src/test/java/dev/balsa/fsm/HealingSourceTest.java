package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.SideChannel;
import dev.balsa.raft.TransferOutcome;
import dev.balsa.raft.core.Configuration;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that gives others copies. */
@Timeout(60)
final class HealingSourceTest {
  @TempDir Path folder;
  private final BlockingQueue<HealingMessage> answers = new LinkedBlockingQueue<>();

  private final SideChannel others =
      new SideChannel() {
        @Override
        public long nodeId() {
          return 1;
        }

        @Override
        public void send(long to, byte[] payload) {
          try {
            answers.add(HealingMessage.decode(payload));
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        }

        @Override
        public CompletableFuture<TransferOutcome> transferLeadership(long target) {
          throw new AssertionError("nobody asks for it");
        }
      };

  private static long directBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  @Test
  void aLargeCopyTakesNoMoreMemoryThanItsParts() throws Exception {
    try (HandRaft raft = HandRaft.open(folder.resolve("db")).lead()) {
      try (Session session = raft.session("a.db")) {
        session.execute("CREATE TABLE t(v)");
      }
      raft.machine().configuration(Configuration.ofVoters(List.of(1L, 2L)), true);
      raft.machine().heal(others);
      DatabaseStatus status = raft.machine().databases().get(0);
      DatabaseName name = new DatabaseName("a.db");
      long before = directBytes();
      for (int i = 0; i < 200; i++) {
        HealingMessage question =
            new HealingMessage.PartQuestion(
                i, name, status.incarnation(), 0, HealingMessage.PART_BYTES_MAX);
        raft.machine().message(2, question.encode());
        assertThat(answers.poll(20, TimeUnit.SECONDS))
            .isInstanceOfSatisfying(
                HealingMessage.PartAnswer.class,
                part -> assertThat(part.content()).hasSize(HealingMessage.PART_BYTES_MAX));
      }
      assertThat(directBytes() - before).isLessThan(20L * HealingMessage.PART_BYTES_MAX);
    }
  }
}
